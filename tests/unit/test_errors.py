"""What an error's line names instead of a name that isn't there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import OnItsWay, OutcomeUnknown, Throttled, alike, did_you_mean


@pytest.mark.parametrize(
    ("wanted", "known", "line"),
    [
        ("ownr", ["stage", "owner"], "did you mean owner?"),
        ("OWNER", ["stage", "owner"], "did you mean owner?"),
        ("åsas-butk", ["Åsas-butik"], "did you mean Åsas-butik?"),
        ("färg", ["stage", "owner"], "there are: owner, stage"),
        ("färg", [], "there are: none"),
    ],
)
def test_line_names_the_most_alike_or_all_there_are(wanted: str, known: Sequence[str], line: str) -> None:
    assert did_you_mean(wanted, known) == line


def test_as_many_are_named_as_are_wanted_the_most_alike_first() -> None:
    assert alike("order", ["orders", "border.x", "order"], most=2) == ["order", "orders"]


@given(st.text(), st.lists(st.text()))
def test_only_known_names_are_named(wanted: str, known: Sequence[str]) -> None:
    assert set(alike(wanted, known, most=3)) <= set(known)


def test_the_code_of_a_failure_is_its_class() -> None:
    assert [each.code for each in (Throttled, OnItsWay, OutcomeUnknown)] == [
        "throttled",
        "on_its_way",
        "outcome_unknown",
    ]
    assert OutcomeUnknown("no answer").code == "outcome_unknown"
