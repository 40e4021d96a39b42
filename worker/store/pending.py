"""The events of a lane that are to be delivered, in the sender's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from worker.store.tables import events

IN_ORDER = (events.c.time, func.coalesce(events.c.place, events.c.seq), events.c.seq)
"""The sender's order. The index of what waits has it, so that a long lane is not sorted for its first events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An event that waits.

    `seq`: its place among the events of one time, a replay's being that of what it replays. `claims`: those without an
    outcome, this one included. `server_errors`: those of Upsales that it met in a row while others succeeded.
    """

    id: str
    seq: int
    event_id: str
    type: str
    subject: str
    time: datetime
    priority: bool
    attempts: int
    claims: int
    request_id: str
    position: int
    received_at: datetime
    server_errors: int = 0
    replay: str = ""


def pending_in(connection: Any, subject: Any) -> ColumnElement[bool]:
    """Of events: those that wait in this lane. Values or columns."""
    return and_(events.c.connection == connection, events.c.subject == subject, events.c.status == "pending")


def first_in(conn: Connection, connection: str, subject: str, number: int) -> Sequence[Row[Any]]:
    """The rows of so many events, in the order in which they are to be delivered."""
    waiting = select(events).where(pending_in(connection, subject))
    return conn.execute(waiting.order_by(*IN_ORDER).limit(number)).all()


def by_id(conn: Connection, event: str) -> Pending:
    """As if it were claimed, whether it waits or not."""
    return as_claimed(conn.execute(select(events).where(events.c.id == event)).one())


def as_claimed(row: Row[Any]) -> Pending:
    return Pending(
        id=row.id,
        seq=row.seq if row.place is None else row.place,
        event_id=row.event_id,
        type=row.type,
        subject=row.subject,
        time=row.time,
        priority=row.priority,
        attempts=row.attempts,
        claims=row.claims + 1,
        server_errors=row.server_errors,
        request_id=row.request_id,
        position=row.position,
        received_at=row.received_at,
        replay=row.replay,
    )
