"""Which lanes have something to do, and which of them to wake a worker for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, and_, bindparam, case, func, or_, select, true, update

from worker.store.clock import after, db_now, now
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


def make_due(conn: Connection, urgent: Mapping[tuple[str, str], bool], *, at_once: bool = False) -> None:
    """Something came into these lanes (connection, subject), urgent or not. In sorted order: everybody locks lanes in the same one.

    A lane that waits after a failure goes on waiting, unless `at_once`: else every new event would be one more try for those before it.
    """
    if not urgent:
        return
    at = now(conn)
    rows = [
        {"connection": connection, "subject": subject, "version": 1, "due_at": at, "priority": priority}
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
        },
    )


def due(conn: Connection, connection: str, limit: int, ring_again: float) -> Sequence[Due]:
    """Up to `limit` lanes to wake a worker for, urgent ones first, then the longest due; they are marked as rung.

    A lane that was rung and not claimed is rung again after `ring_again` seconds: a wake-up may get lost.
    """
    chosen: list[Due] = []
    for priority in (True, False):
        rows = conn.execute(_unrung(connection, ring_again, limit - len(chosen), priority=priority)).all()
        chosen += _with_event(conn, rows, connection, priority=priority)
        _settle_empty(conn, connection, [row for row in rows if row.event is None])
    _mark_rung(conn, chosen)
    return chosen


def _unrung(connection: str, ring_again: float, limit: int, *, priority: bool) -> Any:
    first = (
        select(events.c.id)
        .where(waiting_in(lanes.c.connection, lanes.c.subject))
        .order_by(events.c.time, events.c.seq)
        .limit(1)
        .scalar_subquery()
    )
    rested = or_(lanes.c.rung_at.is_(None), lanes.c.rung_at < lanes.c.due_at, lanes.c.rung_at <= after(-ring_again))
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
            statement.values(due_at=None, priority=False),
            [{"of": row.subject, "as_seen": row.version} for row in sorted(rows, key=lambda row: row.subject)],
        )


def _mark_rung(conn: Connection, chosen: Sequence[Due]) -> None:
    if chosen:
        at = now(conn)
        statement = (
            update(lanes)
            .where(lane(bindparam("by", type_=String), bindparam("of", type_=String)))
            .values(rung_at=bindparam("at", type_=Instant))
        )
        conn.execute(
            statement,
            [{"by": d.connection, "of": d.subject, "at": at} for d in sorted(chosen, key=lambda d: d.subject)],
        )


def rescue(conn: Connection, limit: int = 1000) -> int:
    """Lanes in which something waits and that nobody would ever look at again: should be none. Answers how many there were."""
    of_lane = and_(lanes.c.connection == events.c.connection, lanes.c.subject == events.c.subject)
    rows = conn.execute(
        select(events.c.connection, events.c.subject, events.c.priority)
        .join_from(events, lanes, of_lane, isouter=True)
        .where(events.c.status == "pending", lanes.c.due_at.is_(None))
        .limit(limit)
    ).all()
    urgent: dict[tuple[str, str], bool] = {}
    for row in rows:
        urgent[row.connection, row.subject] = urgent.get((row.connection, row.subject), False) or row.priority
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
