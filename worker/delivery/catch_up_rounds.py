"""Decides from where the next round reads, and when; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from worker.delivery.catch_up_items import Item
from worker.store.sources.cursors import Cursor
from worker.sync.waits import ceiling

IDLE = timedelta(days=1)
"""So far behind the last round a cursor stays at the most: a sender's clock is not wrong by more, and what its list tells is bounded by days."""
FIRST_WAIT = 30.0
LONGEST_WAIT = 3600.0
"""Seconds until what failed is tried again."""


def newest_of(so_far: datetime | None, items: Iterable[Item]) -> datetime | None:
    seen = [item.changed for item in items if item.changed is not None]
    return max((*seen, so_far) if so_far else seen, default=None)


def next_since(cursor: Cursor, newest: datetime | None, overlap: float) -> datetime:
    """A time that lies ahead moves no cursor past what is still to happen. What changed while the round was read is read again."""
    again = timedelta(seconds=overlap)
    seen = cursor.since if newest is None else min(newest, cursor.begun_at) - again
    return max(cursor.since, seen, cursor.begun_at - again - IDLE)


def next_in(failures: int, period: float) -> float:
    return ceiling(failures, first=FIRST_WAIT, longest=max(FIRST_WAIT, min(LONGEST_WAIT, period * 4)))
