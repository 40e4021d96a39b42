"""A few lines of a kind are let through, and the others are counted."""

from __future__ import annotations

from tests.unit.web.door import Clock
from worker.logs.quiet import Quiet


def test_the_quiet_of_one_name_is_not_anothers() -> None:
    clock = Clock(10.0)
    quiet = Quiet(60.0, clock)

    assert [quiet.count(name) for name in ("a", "a", "b", "a")] == [1, None, 1, None]
    clock.now = 70.0
    assert quiet.count("a") == 3


def test_a_burst_is_let_through_and_no_count_is_lost() -> None:
    clock = Clock(0.0)
    quiet = Quiet(60.0, clock, burst=2)

    told = [quiet.count("a") for _ in range(5)]
    clock.now = 60.0
    told += [quiet.count("a") for _ in range(3)]

    assert told == [1, 1, None, None, None, 4, 1, None]
