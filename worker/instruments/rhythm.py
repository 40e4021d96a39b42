"""Decides from past weeks how long a connection may stay silent; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WEEK = 168
WEEKS = 4
"""How far back it looks, at the same hour of the week."""
FEWEST_WEEKS = 2
MISSED = 10.0
"""Events that should have come: by chance so many stay away once in twenty thousand times, e ** -10."""
LONGEST = 7 * 24
"""Hours of silence that are looked ahead. Whoever sends less than MISSED a week has no rhythm."""


def patience(hourly: Mapping[int, int], since: float) -> float | None:
    """For how many seconds it may be silent from `since` on, which is in hours since the epoch. None: nothing is learnt.

    `hourly`: how many events came in each hour since the epoch, hours without any left out. The quietest of the weeks counts, so that a
    holiday raises no alarm in the four weeks after it.
    """
    if not hourly:
        return None
    first, at, missed = min(hourly), since, 0.0
    while at < since + LONGEST:
        hour = int(at)
        rate = _rate(usual(hourly, first, hour))
        left = hour + 1 - at
        if rate > 0 and missed + rate * left >= MISSED:
            return (at + (MISSED - missed) / rate - since) * 3600
        missed += rate * left
        at = hour + 1
    return None


def usual(hourly: Mapping[int, int], first: int, hour: int) -> Sequence[int]:
    """How many came in this hour of the weeks before, as far as there are any since the `first` hour."""
    return [hourly.get(then, 0) for back in range(1, WEEKS + 1) if (then := hour - back * WEEK) >= first]


def _rate(weeks: Sequence[int]) -> float:
    return float(min(weeks)) if len(weeks) >= FEWEST_WEEKS else 0.0
