"""One list of codes: whatever ends an event has words, and the page for operations names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.errors import Failure, NeedsReview, Refused, Rejected
from worker.logs.reasons import REASONS, words
from worker.upsales import accounts

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")


def kinds(of: type[Failure]) -> set[type[Failure]]:
    return {of}.union(*(kinds(each) for each in of.__subclasses__()))


ENDING = sorted(
    {
        each.code
        for base in (Rejected, Refused, NeedsReview)
        for each in kinds(base)
        if each.__module__.startswith("worker")
    }
)


@pytest.mark.parametrize("code", ENDING)
def test_each_failure_that_ends_an_event_has_words(code: str) -> None:
    assert code in REASONS


@pytest.mark.parametrize("code", sorted(REASONS))
def test_each_code_is_on_the_page(code: str) -> None:
    assert f"`{code}`" in PAGE


def test_what_no_list_has_is_shown_as_it_is() -> None:
    assert (words(None), words("of_tomorrow")) == ("no code was kept", "of_tomorrow")
    assert accounts.WrongAccount.code not in REASONS, "it pauses the connection, and ends no event"
