"""One grammar says which events are meant; what it does not know it names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.admin import cursors, filters
from worker.admin.filters import FATES, NAMES, Filters, InvalidParameters

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_repeated_means_any_of_them_and_each_counts_once() -> None:
    found = filters.parse([("fate", "dead"), ("fate", "review"), ("fate", "dead"), ("since", "24h")])
    assert found == Filters(fate=("dead", "review"), since="24h")
    assert filters.within(found, NOON) == (NOON - timedelta(hours=24), None)


@given(
    st.builds(
        Filters,
        connection=st.lists(st.sampled_from(["butik", "natt"]), unique=True).map(tuple),
        fate=st.lists(st.sampled_from(FATES), unique=True).map(tuple),
        subject=st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=255),
            unique=True,
            max_size=3,
        ).map(tuple),
        since=st.sampled_from([None, "24h", "2026-11-26T08:00Z"]),
    )
)
def test_what_stands_in_an_address_is_what_was_asked_for(wanted: Filters) -> None:
    assert filters.parse(wanted.pairs()) == wanted


@given(st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text()), st.text())))
def test_whatever_is_asked_is_understood_whole_or_refused_by_name(pairs: list[tuple[str, str]]) -> None:
    refused: set[str] = set()
    found = Filters()
    try:
        found = filters.parse(pairs)
        filters.clauses(found, NOON)
    except InvalidParameters as error:
        refused = {fault.parameter for fault in error.faults}
    assert refused <= {name for name, _ in pairs}
    assert refused or set(found.pairs()) == set(pairs)


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        (("since", "yesterday"), "is no time"),
        (("since", "0h"), "is no time"),
        (("since", "2026-02-30"), "is no time"),
        (("fate", "pending"), "is no fate"),
        (("conection", "butik"), "did you mean connection?"),
        (("type", ""), "is empty"),
        (("type", "x" * 256), "at most 255"),
        (("subject", "a\x00b"), "no NUL"),
    ],
)
def test_what_is_wrong_is_said(pair: tuple[str, str], says: str) -> None:
    with pytest.raises(InvalidParameters, match=says):
        filters.parse([pair])


def test_one_time_is_given_once() -> None:
    with pytest.raises(InvalidParameters, match="is given twice"):
        filters.parse([("since", "24h"), ("since", "7d")])


def test_a_time_without_an_offset_is_utc() -> None:
    assert filters.moment("2026-11-26T08:00", NOON) == datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert filters.moment("2026-11-26T08:00+01:00", NOON) == datetime(2026, 11, 26, 7, tzinfo=UTC)


@given(st.integers(0, 2**63 - 1))
def test_a_place_is_read_as_it_was_written(seq: int) -> None:
    assert cursors.place(None, cursors.written(seq), None).before == seq


@given(st.text(min_size=1))
def test_what_is_no_place_is_refused(text: str) -> None:
    try:
        found = cursors.read("before", text)
    except InvalidParameters:
        return
    assert cursors.written(found) == text
