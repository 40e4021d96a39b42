"""Decides what happens after a failure, and when to try again; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from worker.errors import (
    Failure,
    NeedsReview,
    OutcomeUnknown,
    Refused,
    Rejected,
    SourceUnavailable,
    Unauthorized,
    Unavailable,
    Waiting,
)
from worker.plan import QualifiedKey
from worker.sync.waits import LONGEST_RECHECK, SHORTEST_WAIT, ceiling


def backoff(attempt: int, *, first: float, longest: float, chance: float) -> float:
    """Seconds to wait after the `attempt`-th failure (from 1): exponential, full jitter. `chance` is in [0, 1)."""
    return float(ceiling(attempt, first=first, longest=longest) * chance)


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


def next_recheck_after(failure: Failure, failed: int, first: float) -> tuple[float, bool]:
    """Seconds until a recheck that failed is made again, and whether it counts as failed. `failed`: how many counted before."""
    if isinstance(failure, Waiting) or (isinstance(failure, OutcomeUnknown) and failure.rechecking):
        return max(failure.seconds, SHORTEST_WAIT), False
    return ceiling(failed + 1, first=first, longest=LONGEST_RECHECK), True


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try. Seconds but for `server_errors`: so many of Upsales's `ServerError` in a row, while other subjects succeed."""

    first: float
    longest: float
    give_up: float
    server_errors: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Its event is dead: only a person can make it succeed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """Its event waits in review: only a person can decide it. `key` and `candidates` are those of NeedsReview."""

    reason: str
    key: QualifiedKey | None
    candidates: tuple[int, ...] = ()


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


Next: TypeAlias = DeadLetter | Review | Later | Pause


def after(failure: Failure, attempts: int, patience: Patience, chance: float, *, server_errors: int = 0) -> Next:
    """What happens after a failure that was the lane's (`attempts` + 1)-th, by its class alone.

    `server_errors`: how many of Upsales's `ServerError` came in a row before it, while others succeeded.
    """
    reason = str(failure)
    match failure:
        case Rejected() | Refused():
            return DeadLetter(reason)
        case NeedsReview():
            return Review(reason, failure.key, failure.candidates)
        case Unauthorized():
            return Pause(reason)
        case Waiting():
            return Later(max(failure.seconds, SHORTEST_WAIT), attempts, reason)
        case OutcomeUnknown() if failure.rechecking:
            return Later(max(failure.seconds, SHORTEST_WAIT), attempts, reason)
        case _:
            return _again(failure, attempts + 1, patience, chance, server_errors)


def persistent(failure: Failure) -> bool:
    """Whether it is Upsales's `ServerError`, which some records answer for ever."""
    return isinstance(failure, Unavailable) and not isinstance(failure, SourceUnavailable) and failure.persistent


def _again(failure: Failure, attempt: int, patience: Patience, chance: float, server_errors: int) -> Next:
    reason = str(failure)
    if persistent(failure) and server_errors + 1 >= patience.server_errors:
        return DeadLetter(f"{reason} ({server_errors + 1} times in a row, while other events succeeded)")
    if exhausted(attempt, first=patience.first, longest=patience.longest, give_up=patience.give_up):
        return DeadLetter(f"{reason} (tried {attempt} times)")
    wait = backoff(attempt, first=patience.first, longest=patience.longest, chance=chance)
    seconds = max(wait, failure.seconds) if isinstance(failure, OutcomeUnknown) else wait
    return Later(seconds, attempt, reason)
