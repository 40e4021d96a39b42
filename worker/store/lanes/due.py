"""Finds the lanes to wake a worker for, and marks those that were rung."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, bindparam, or_, select, update

from worker.store.db.clock import after, db_now
from worker.store.db.tables import Instant, events, lanes
from worker.store.events.events import IN_ORDER, pending_in
from worker.store.lanes.lanes import lane


@dataclass(frozen=True, slots=True)
class Due:
    """A lane to wake a worker for, and the event that is first in it."""

    connection: str
    subject: str
    event: str
    event_id: str
    type: str
    priority: bool


def due(
    conn: Connection,
    connection: str,
    limit: int,
    ring_again: float,
    *,
    urgent: int | None = None,
    since: datetime | None = None,
) -> Sequence[Due]:
    """Lanes to wake a worker for, the longest due first: up to `urgent` urgent ones (default `limit`), then up to `limit` others.

    A lane that was rung and not claimed comes again after `ring_again` seconds: a wake-up may get lost. All that was rung
    before `since` is known to be lost.
    """
    chosen: list[Due] = []
    for priority, most in ((True, limit if urgent is None else urgent), (False, limit)):
        rows = conn.execute(_unrung(connection, ring_again, since, most, priority=priority)).all()
        chosen += _with_event(conn, rows, connection, priority=priority)
        _settle_empty(conn, connection, [row for row in rows if row.event is None])
    return chosen


def _unrung(connection: str, ring_again: float, since: datetime | None, limit: int, *, priority: bool) -> Any:
    first = (
        select(events.c.id)
        .where(pending_in(lanes.c.connection, lanes.c.subject))
        .order_by(*IN_ORDER)
        .limit(1)
        .scalar_subquery()
    )
    rested = or_(lanes.c.rung_at.is_(None), lanes.c.rung_at < lanes.c.due_at, lanes.c.rung_at <= after(-ring_again))
    if since is not None:
        rested = or_(rested, lanes.c.rung_at < since)
    return (
        select(lanes.c.subject, lanes.c.version, first.label("event"))
        .where(
            lanes.c.connection == connection,
            lanes.c.priority == priority,
            lanes.c.due_at <= db_now(),
            lanes.c.held_at.is_(None),
            or_(lanes.c.lease_until.is_(None), lanes.c.lease_until <= db_now()),
            rested,
        )
        .order_by(lanes.c.due_at)
        .limit(limit)
    )


def _with_event(conn: Connection, rows: Sequence[Row[Any]], connection: str, *, priority: bool) -> Iterator[Due]:
    ids = [row.event for row in rows if row.event is not None]
    found = conn.execute(select(events.c.id, events.c.event_id, events.c.type).where(events.c.id.in_(ids)))
    known = {row.id: row for row in found}
    for row in rows:
        if row.event is not None:
            event = known[row.event]
            yield Due(connection, row.subject, event.id, event.event_id, event.type, priority)


def _settle_empty(conn: Connection, connection: str, rows: Sequence[Row[Any]]) -> None:
    """Lanes that nothing waits in any more (a person dropped it), unless something just came in."""
    if rows:
        statement = update(lanes).where(
            lane(connection, bindparam("of", type_=String)),
            lanes.c.version == bindparam("as_seen"),
            lanes.c.owner.is_(None),
        )
        conn.execute(
            statement.values(due_at=None, priority=False, lease_until=db_now()),
            [{"of": row.subject, "as_seen": row.version} for row in sorted(rows, key=lambda row: row.subject)],
        )


def mark_rung(conn: Connection, rung: Sequence[Due], at: datetime) -> None:
    """`at`: when they were seen to be due; what comes into them later is not held back by the mark."""
    if rung:
        statement = (
            update(lanes)
            .where(lane(bindparam("by", type_=String), bindparam("of", type_=String)))
            .values(rung_at=bindparam("at", type_=Instant))
        )
        conn.execute(
            statement,
            [{"by": d.connection, "of": d.subject, "at": at} for d in sorted(rung, key=lambda d: d.subject)],
        )
