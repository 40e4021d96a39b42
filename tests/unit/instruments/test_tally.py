"""What is counted in memory."""

from __future__ import annotations

from worker.instruments.tally import Tally


def test_what_was_handed_over_is_not_counted_again() -> None:
    tally = Tally()
    tally.add("butik", "answered:unauthorized")
    tally.add("butik", "answered:unauthorized", 2)
    assert tally.drain() == {("butik", "answered:unauthorized"): 3}
    assert tally.drain() == {}


def test_what_could_not_be_handed_over_comes_with_the_next() -> None:
    tally = Tally()
    tally.add("butik", "a")
    counts = tally.drain()
    tally.add("butik", "a")
    tally.put_back(counts)
    assert tally.drain() == {("butik", "a"): 2}


def test_it_holds_no_more_than_so_many_different_things() -> None:
    tally = Tally(most=2)
    for name in ("a", "b", "c", "a"):
        tally.add("", name)
    assert tally.drain() == {("", "a"): 2, ("", "b"): 1}
