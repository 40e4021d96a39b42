"""Which lanes have something to do, and which of them to wake a worker for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, and_, bindparam, case, func, or_, select, true, update

from worker.store.clock import after, db_now, now
from worker.store.engine import Store
from worker.store.fence import lane
from worker.store.insert import Insert, insert_in
from worker.store.tables import Instant, events, lanes


@dataclass(frozen=True, slots=True)
class Due:
    """A lane to wake a worker for, and the event that is first in it."""

    connection: str
    subject: str
    event: str
    type: str
    priority: bool


def make_due(
    conn: Connection, urgent: Mapping[tuple[str, str], bool], *, at: datetime | None = None, at_once: bool = False
) -> None:
    """Something came into these lanes (connection, subject), urgent or not. In sorted order: everybody locks lanes in the same one.

    `at`: the database's time, where it is known. A lane that waits after a failure goes on waiting, unless `at_once`: else every new event would be one more try for those before it.
    """
    if not urgent:
        return
    due_at = at or now(conn)
    rows = [
        {"connection": connection, "subject": subject, "version": 1, "due_at": due_at, "priority": priority}
        for (connection, subject), priority in sorted(urgent.items())
    ]
    conn.execute(_due_now(conn.dialect.name, at_once=at_once), rows)


@cache  # building it costs as much as running it
def _due_now(dialect: str, *, at_once: bool) -> Insert:
    statement = insert_in(dialect, lanes)
    new = statement.excluded
    sooner = and_(lanes.c.due_at > new.due_at, true() if at_once else lanes.c.attempts == 0)
    return statement.on_conflict_do_update(
        index_elements=["connection", "subject"],
        set_={
            "version": lanes.c.version + 1,
            "due_at": case((or_(lanes.c.due_at.is_(None), sooner), new.due_at), else_=lanes.c.due_at),
            "priority": or_(lanes.c.priority, new.priority),
            "parked_at": None,
        },
    )


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
        .where(waiting_in(lanes.c.connection, lanes.c.subject))
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
            or_(lanes.c.lease_until.is_(None), lanes.c.lease_until <= db_now()),
            rested,
        )
        .order_by(lanes.c.due_at)
        .limit(limit)
    )


IN_ORDER = (events.c.time, func.coalesce(events.c.place, events.c.seq), events.c.seq)
"""The sender's order. The index of what waits has it, so that a long lane is not sorted for its first events."""


def waiting_in(connection: Any, subject: Any) -> ColumnElement[bool]:
    return and_(events.c.connection == connection, events.c.subject == subject, events.c.status == "pending")


def _with_event(conn: Connection, rows: Sequence[Row[Any]], connection: str, *, priority: bool) -> Iterator[Due]:
    ids = [row.event for row in rows if row.event is not None]
    found = conn.execute(select(events.c.id, events.c.type).where(events.c.id.in_(ids)))
    types = {row.id: row.type for row in found}
    for row in rows:
        if row.event is not None:
            yield Due(connection, row.subject, row.event, types[row.event], priority)


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


def rescue(store: Store, limit: int = 1000) -> int:
    """Lanes in which something waits and that nobody would ever look at again: should be none. Answers how many there were."""
    of_lane = and_(lanes.c.connection == events.c.connection, lanes.c.subject == events.c.subject)
    stranded = (
        select(events.c.connection, events.c.subject, events.c.priority)
        .join_from(events, lanes, of_lane, isouter=True)
        .where(events.c.status == "pending", lanes.c.due_at.is_(None), lanes.c.parked_at.is_(None))
        .limit(limit)
    )
    with store.read() as conn:
        rows = conn.execute(stranded).all()
    urgent: dict[tuple[str, str], bool] = {}
    for row in rows:
        urgent[row.connection, row.subject] = urgent.get((row.connection, row.subject), False) or row.priority
    if urgent:
        with store.write() as conn:
            make_due(conn, urgent)
    return len(urgent)


def waiting(conn: Connection) -> Mapping[str, int]:
    """How many events wait, by connection."""
    statement = (
        select(events.c.connection, func.count().label("number"))
        .where(events.c.status == "pending")
        .group_by(events.c.connection)
    )
    return {row.connection: row.number for row in conn.execute(statement)}


def lanes_due(conn: Connection, connection: str) -> int:
    """How many lanes could be worked on now."""
    statement = select(func.count()).where(lanes.c.connection == connection, lanes.c.due_at <= db_now())
    return conn.execute(statement).scalar_one()
