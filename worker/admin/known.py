"""Tells what is known from what is not: an answer that did not come in time is no nought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection

from worker.store import Store, StoreUnavailable
from worker.store.db.clock import now
from worker.store.db.engine import ReadTimeout

T = TypeVar("T")

PATIENCE = 0.25
"""Seconds that one part of a page may take."""
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
