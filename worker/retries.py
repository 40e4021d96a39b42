"""What happens after a failure, and when to try again: pure functions of values and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from worker.errors import (
    Failure,
    NeedsReview,
    OutcomeUnknown,
    Refused,
    Rejected,
    Unauthorized,
    Unavailable,
    Waiting,
)

SHORTEST_WAIT = 0.05
LONGEST_LOOK = 3600.0
"""Seconds between two looks for what a call did, at the most."""


def backoff(attempt: int, *, first: float, longest: float, chance: float) -> float:
    """Seconds to wait after the `attempt`-th failure (from 1): exponential, full jitter. `chance` is in [0, 1)."""
    return float(ceiling(attempt, first=first, longest=longest) * chance)


def ceiling(attempt: int, *, first: float, longest: float) -> float:
    """The longest wait after the `attempt`-th failure."""
    return min(longest, first * 2.0 ** min(attempt - 1, 64))


def exhausted(attempt: int, *, first: float, longest: float, give_up: float) -> bool:
    """Whether `give_up` seconds of trying lie behind the `attempt`-th failure.

    Trying is counted in expected waits, half of each ceiling: time paused, broken or throttled doesn't count.
    """
    tried = 0.0
    for number in range(1, attempt + 1):
        step = ceiling(number, first=first, longest=longest)
        if step >= longest:
            return tried + (attempt - number + 1) * longest / 2 >= give_up
        tried += step / 2
    return tried >= give_up


def next_look(age: float, *, lag: float, horizon: float) -> float:
    """Seconds until the next look for a create's effect: after the search lag, at doubling ages, at the horizon, at doubling ages after it.

    From an hour on the ages double no more.
    """
    if age < lag:
        return lag - age
    if age < horizon:
        return max(min(age, horizon - age), lag / 2)
    return min(max(age - horizon, lag), LONGEST_LOOK)


def looked_enough(age: float, looks: int, *, lag: float, horizon: float, give_up: float) -> bool:
    """Whether a create that is so old, and was looked for so often in vain, has been looked for during `give_up` seconds.

    By the clock and by the number of looks: a connection that was paused did not look, and a crowd of events looks often.
    """
    scheduled = 0.0
    for _ in range(looks if age >= give_up else 0):
        if scheduled >= give_up:
            break
        scheduled += max(next_look(scheduled, lag=lag, horizon=horizon), SHORTEST_WAIT)
    return scheduled >= give_up


def next_second_look(failure: Failure, looks: int, first: float) -> tuple[float, bool]:
    """After a second look that failed, the `looks` + 1-th if it counts: seconds until the next one, and whether it counts."""
    if isinstance(failure, Waiting) or (isinstance(failure, OutcomeUnknown) and failure.looking):
        return max(failure.seconds, SHORTEST_WAIT), False
    return ceiling(looks + 1, first=first, longest=LONGEST_LOOK), True


def next_try(age: float) -> float:
    """Seconds to wait for what another worker began `age` seconds ago: mostly it is done in moments, a lost call takes minutes."""
    return min(max(age, 0.1), 30.0)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try. Seconds but for `server_errors`: so many of Upsales's `ServerError` in a row, while other subjects succeed."""

    first: float
    longest: float
    give_up: float
    server_errors: int


@dataclass(frozen=True, slots=True)
class Bury:
    """Dead letter: only a person can make it succeed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Review: only a person can decide it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Come again in `seconds`. `attempts`: the lane's failures so far, this one included if it counts."""

    seconds: float
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop the connection until its key is accepted again."""

    reason: str


Next: TypeAlias = Bury | Ask | Later | Pause


def after(failure: Failure, attempts: int, patience: Patience, chance: float, *, server_errors: int = 0) -> Next:
    """What happens after a failure that was the lane's (`attempts` + 1)-th, by its class alone.

    `server_errors`: how many of Upsales's `ServerError` came in a row before it, while others succeeded.
    """
    reason = str(failure)
    match failure:
        case Rejected() | Refused():
            return Bury(reason)
        case NeedsReview():
            return Ask(reason)
        case Unauthorized():
            return Pause(reason)
        case Waiting():
            return Later(max(failure.seconds, SHORTEST_WAIT), attempts, reason)
        case OutcomeUnknown() if failure.looking:
            return Later(max(failure.seconds, SHORTEST_WAIT), attempts, reason)
        case _:
            return _again(failure, attempts + 1, patience, chance, server_errors)


def persistent(failure: Failure) -> bool:
    """Whether it is Upsales's `ServerError`, which some records answer for ever."""
    return isinstance(failure, Unavailable) and failure.persistent


def _again(failure: Failure, attempt: int, patience: Patience, chance: float, server_errors: int) -> Next:
    reason = str(failure)
    if persistent(failure) and server_errors + 1 >= patience.server_errors:
        return Bury(f"{reason} ({server_errors + 1} times in a row, while other events succeeded)")
    if exhausted(attempt, first=patience.first, longest=patience.longest, give_up=patience.give_up):
        return Bury(f"{reason} (tried {attempt} times)")
    wait = backoff(attempt, first=patience.first, longest=patience.longest, chance=chance)
    seconds = max(wait, failure.seconds) if isinstance(failure, OutcomeUnknown) else wait
    return Later(seconds, attempt, reason)
