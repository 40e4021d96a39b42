"""Tells what is known from what is not: an answer that did not come in time is no nought."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection

from worker.store import Store, StoreUnavailable
from worker.store.db.clock import now
from worker.store.db.engine import ReadTimeout

T = TypeVar("T")
U = TypeVar("U")

PATIENCE = 0.25
"""Seconds that one part of a page may take."""
WHOLE_PAGE = 0.3
"""And all of its parts together."""
MOST_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A value as of a moment, or why there is none: `timeout`, `unavailable`."""

    value: T | None
    as_of: datetime | None = None
    why: str | None = None


def ask(store: Store, question: Callable[[Connection], T], patience: float = PATIENCE) -> Known[T]:
    try:
        with store.read_within(patience) as conn:
            return Known(question(conn), now(conn))
    except ReadTimeout:
        return Known(None, why="timeout")
    except StoreUnavailable:
        return Known(None, why="unavailable")


def part(found: Known[T], take: Callable[[T], U | None]) -> Known[U]:
    """Something of what was found: not known where that is not."""
    return Known(None if found.value is None else take(found.value), found.as_of, found.why)


class Deadline:
    """By when all parts of a page are asked: each has its own time, and all of them together theirs. `clock` is monotonic."""

    def __init__(
        self, whole: float = WHOLE_PAGE, each: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._each = each
        self._clock = clock
        self._until = clock() + whole

    def ask(self, store: Store, question: Callable[[Connection], T]) -> Known[T]:
        """Not even begun when the time of the page is over."""
        left = self._until - self._clock()
        return Known(None, why="timeout") if left <= 0 else ask(store, question, min(self._each, left))
