"""What is new in a list, whatever the order in which it was committed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.cli.follow import REACH, SETTLED, Changes, Places, follow
from worker.store import StoreUnavailable


def test_one_that_is_committed_after_a_higher_one_is_told_when_it_shows() -> None:
    places = Places(7, [6, 7])
    assert places.new([6, 7, 9], 0.0) == [9]
    assert places.new([6, 7, 8, 9], 1.0) == [8]
    assert places.new([6, 7, 8, 9], 2.0) == []


def test_one_that_was_under_way_at_the_start_is_told() -> None:
    places = Places(5000, range(5000 - REACH, 5001, 2))
    assert places.new([4999, 5000], 0.0) == [4999]


def test_what_is_settled_is_asked_for_no_more() -> None:
    places = Places(0, [])
    places.new([1, 2, 3], 0.0)
    assert places.floor == 0
    assert places.new([1, 2, 3, 5], SETTLED) == [5]
    assert places.floor == 3
    assert places.new([4, 5], SETTLED + 1) == [4]
    places.new([4, 5], 2 * SETTLED)
    assert places.floor == 5


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, int(SETTLED) - 1)), max_size=40),
    st.integers(0, 20),
)
def test_each_is_told_once_if_it_takes_less_than_is_waited_for(drawn: Sequence[tuple[int, int]], at_start: int) -> None:
    """Each draws its place at a time, and is committed some seconds later."""
    begins = 0
    shows = {}
    for place, (apart, takes) in enumerate(drawn, 1):
        begins += apart
        shows[place] = begins + takes
    committed = [place for place, at in shows.items() if at <= at_start]
    places, told = Places(max(committed, default=0), committed), list(committed)
    for now in range(at_start, begins + 2 * int(SETTLED)):
        told += places.new([place for place, at in shows.items() if at <= now and place > places.floor], float(now))
    assert sorted(told) == sorted(shows)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"a": "open"}, ["a"]),
        ({"a": "open"}, {"a": "done"}, ["a"]),
        ({"a": "done"}, {"a": "done", "b": "done"}, ["b"]),
        ({"a": "done"}, {}, []),
    ],
)
def test_a_change_is_told_once(before: dict[str, str], after: dict[str, str], told: Sequence[str]) -> None:
    changes = Changes(before)
    assert (list(changes.new(after)), list(changes.new(after))) == (list(told), [])


def test_a_database_that_is_away_is_waited_for_and_ctrl_c_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    away = StoreUnavailable("The database x is not available.")
    coming: list[list[dict[str, str]] | Exception] = [[{"id": "b"}], away, away, [{"id": "c"}], away]

    def news() -> list[dict[str, str]]:
        if not coming:
            raise KeyboardInterrupt
        now = coming.pop(0)
        if isinstance(now, Exception):
            raise now
        return now

    follow([{"id": "a"}], news, ("id",), as_json=False, sleep=lambda _: None)

    said = capsys.readouterr()
    assert said.out == "a\nb\nc\n"
    assert said.err == "The database x is not available. Waiting for it.\n" * 2


def test_what_is_not_settled_is_asked_for_however_old_it_is() -> None:
    assert Changes({"a": "open", "b": "unknown", "c": "done", "d": "lost"}).unsettled == {"a", "b"}
