"""Shows what came after an event, and what people did about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from worker.admin.event import Found
from worker.admin.filters import fate_of
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.masking import Masking
from worker.store import Store
from worker.store.events import events
from worker.store.people import audit
from worker.store.people.audit import Deed

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Later:
    """An event that came after it, about the same thing."""

    id: str
    type: str
    fate: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class LaterOnes:
    """The first first. `more`: whether there are more than these."""

    data: Sequence[Later]
    more: bool


def about(event_id: str) -> str:
    """What the audit calls it."""
    return f"event/{event_id}"


def later(store: Store, found: Found, patience: float = PATIENCE) -> Known[LaterOnes]:
    return ask(store, lambda conn: _later(conn, found), patience)


def people(store: Store, event_id: str, patience: float = PATIENCE) -> Known[Sequence[Deed]]:
    """The first first."""
    return ask(store, lambda conn: audit.listed(conn, about=about(event_id), limit=100)[::-1], patience)


def _later(conn: Connection, found: Found) -> LaterOnes:
    rows = events.later(conn, found.event, MOST + 1)
    shown = [Later(row.id, Masking().type(row.type), fate_of(row.status), row.received_at) for row in rows[:MOST]]
    return LaterOnes(shown, len(rows) > MOST)
