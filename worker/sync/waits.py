"""Says how long to wait before looking again for what a call did; pure."""

from __future__ import annotations

SHORTEST_WAIT = 0.05
LONGEST_RECHECK = 3600.0
"""Seconds between two looks for what a call did, at the most."""


def ceiling(attempt: int, *, first: float, longest: float) -> float:
    """The longest wait after the `attempt`-th failure."""
    return min(longest, first * 2.0 ** min(attempt - 1, 64))


def next_recheck(age: float, *, lag: float, visible_after: float) -> float:
    """Seconds until the next look for a create's effect: after the search lag, at doubling ages, at `visible_after`, at doubling ages after it.

    From an hour on the ages double no more.
    """
    if age < lag:
        return lag - age
    if age < visible_after:
        return max(min(age, visible_after - age), lag / 2)
    return min(max(age - visible_after, lag), LONGEST_RECHECK)


def rechecked_enough(age: float, looks: int, *, lag: float, visible_after: float, give_up: float) -> bool:
    """Whether a create that is so old, and was looked for so often in vain, has been looked for during `give_up` seconds.

    By the clock and by the number of looks: a connection that was paused did not look, and a crowd of events looks often.
    """
    scheduled = 0.0
    for _ in range(looks if age >= give_up else 0):
        if scheduled >= give_up:
            break
        scheduled += max(next_recheck(scheduled, lag=lag, visible_after=visible_after), SHORTEST_WAIT)
    return scheduled >= give_up


def next_try(age: float) -> float:
    """Seconds to wait for what another worker began `age` seconds ago: mostly it is done in moments, a lost call takes minutes."""
    return min(max(age, 0.1), 30.0)
