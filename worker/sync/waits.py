"""Tells how long to wait before a recheck and before the next try."""

from __future__ import annotations

SHORTEST_WAIT = 0.05
LONGEST_RECHECK = 3600.0
"""The most seconds between two rechecks of a call."""


def ceiling(attempt: int, *, first: float, longest: float) -> float:
    """The longest wait after the `attempt`-th failure."""
    return min(longest, first * 2.0 ** min(attempt - 1, 64))


def next_recheck(age: float, *, lag: float, visible_after: float) -> float:
    """Seconds until the next recheck of a create that is `age` seconds old.

    The first recheck comes after the search lag. Then the age doubles from one to the next, up to `visible_after`.
    From there on the time since `visible_after` doubles, until the waits are an hour.
    """
    if age < lag:
        return lag - age
    if age < visible_after:
        return max(min(age, visible_after - age), lag / 2)
    return min(max(age - visible_after, lag), LONGEST_RECHECK)


def rechecked_enough(age: float, rechecks: int, *, lag: float, visible_after: float, give_up: float) -> bool:
    """Whether a create of this age, rechecked so often in vain, was rechecked during `give_up` seconds.

    The age alone does not tell: a paused connection makes no rechecks. Nor does their number: many events that wait for
    one create recheck it often. So the age must be reached, and as many rechecks as are scheduled until then.
    """
    scheduled = 0.0
    for _ in range(rechecks if age >= give_up else 0):
        if scheduled >= give_up:
            break
        scheduled += max(next_recheck(scheduled, lag=lag, visible_after=visible_after), SHORTEST_WAIT)
    return scheduled >= give_up


def next_try(age: float) -> float:
    """Seconds to wait for what another worker began `age` seconds ago: mostly it is done in moments, a lost call takes minutes."""
    return min(max(age, 0.1), 30.0)
