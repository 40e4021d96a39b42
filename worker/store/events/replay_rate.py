"""Paces replays of many events, so that live events go first.

Their lanes are parked, and let go in turn. A lane that something else comes into doesn't wait for its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from worker.store.db.clock import db_now, now
from worker.store.db.engine import Store
from worker.store.db.sql import Insert, insert_in
from worker.store.db.tables import events, lanes, paces
from worker.store.events import replay
from worker.store.instruments.counters import again as comes_again
from worker.store.instruments.counters import count
from worker.store.lanes.lanes import lane

LATE = timedelta(seconds=10)
"""A turn that was missed for longer than that (a pause, an outage) is not made up for."""
HELD_UP = timedelta(seconds=5)
"""While something else has been due for longer than that, no turn is given."""


def again(store: Store, wanted: Sequence[str], a_minute: int) -> int:
    """Replay these events in this order, those that are dead or in review as themselves, behind those that wait for it already.

    All in one transaction. Answers how many: what waits by now, or is no longer kept, is left out. `a_minute`: so many lanes
    of each connection, also of those parked before.
    """
    with store.write() as conn:
        at = now(conn)
        rows = conn.execute(select(events).where(_ended(wanted)).order_by(events.c.seq).with_for_update()).all()
        for connection in sorted({row.connection for row in rows}):
            _set_pace(conn, connection, a_minute, at)
        replay.pending_again(conn, rows, at)
        order = {event: number for number, event in enumerate(wanted)}
        _park(conn, sorted(rows, key=lambda row: order[row.id]), at)
        count(conn, comes_again(row.connection for row in rows), at)
        return len(rows)


def let_go(conn: Connection, connection: str) -> int:
    """Those parked lanes become due whose turn it is. Answers how many; the same however many processes ask."""
    pace = conn.execute(
        select(paces, db_now().label("now")).where(paces.c.connection == connection).with_for_update()
    ).one_or_none()
    if pace is None or pace.next_at > pace.now or held_up(conn, connection, pace.now):
        return 0
    apart = timedelta(minutes=1) / pace.a_minute
    first = max(pace.next_at, pace.now - LATE)
    turns = (pace.now - first) // apart + 1
    subjects = _first_parked(conn, connection, turns)
    if subjects:
        _unpark(conn, connection, subjects)
        _next_turn(conn, connection, first + len(subjects) * apart)
    else:
        conn.execute(delete(paces).where(paces.c.connection == connection))
    return len(subjects)


def parked(conn: Connection, connection: str) -> int:
    """How many lanes wait for their turn."""
    return conn.execute(select(func.count()).where(*_parked_of(connection))).scalar_one()


def _parked_of(connection: str) -> tuple[ColumnElement[bool], ...]:
    return lanes.c.connection == connection, lanes.c.parked_at.is_not(None)


def _ended(wanted: Sequence[str]) -> Any:
    return and_(events.c.id.in_(wanted), events.c.status != "pending")


def _set_pace(conn: Connection, connection: str, a_minute: int, at: datetime) -> None:
    """Also keeps the row from being deleted by who sees no parked lanes yet."""
    new = insert_in(conn.dialect.name, paces).values(connection=connection, a_minute=a_minute, next_at=at)
    conn.execute(new.on_conflict_do_update(index_elements=["connection"], set_={"a_minute": a_minute}))


def _park(conn: Connection, rows: Sequence[Row[Any]], at: datetime) -> None:
    places: dict[tuple[str, str], datetime] = {}
    for number, row in enumerate(rows):
        places.setdefault((row.connection, row.subject), at + number * timedelta(microseconds=1))
    waiting = [
        {"connection": connection, "subject": subject, "version": 1, "parked_at": place}
        for (connection, subject), place in sorted(places.items())
    ]
    if waiting:
        conn.execute(_parked(conn.dialect.name), waiting)


@cache
def _parked(dialect: str) -> Insert:
    statement = insert_in(dialect, lanes)
    rests = and_(lanes.c.due_at.is_(None), lanes.c.parked_at.is_(None))
    return statement.on_conflict_do_update(
        index_elements=["connection", "subject"],
        set_={
            "version": lanes.c.version + 1,
            "parked_at": case((rests, statement.excluded.parked_at), else_=lanes.c.parked_at),
        },
    )


def held_up(conn: Connection, connection: str, at: datetime) -> bool:
    free = or_(lanes.c.lease_until.is_(None), lanes.c.lease_until <= at)
    due = (lanes.c.connection == connection, lanes.c.priority.in_([True, False]), lanes.c.due_at <= at - HELD_UP)
    free = and_(free, lanes.c.held_at.is_(None))
    return conn.execute(select(exists().where(*due, free))).scalar_one()


def _first_parked(conn: Connection, connection: str, number: int) -> Sequence[str]:
    """In sorted order: everybody locks lanes in the same one."""
    found = conn.execute(
        select(lanes.c.subject).where(*_parked_of(connection)).order_by(lanes.c.parked_at).limit(number)
    )
    return sorted(found.scalars())


def _unpark(conn: Connection, connection: str, subjects: Sequence[str]) -> None:
    statement = update(lanes).where(lane(connection, bindparam("of", type_=String)))
    due_at = func.coalesce(lanes.c.due_at, db_now())
    conn.execute(statement.values(due_at=due_at, parked_at=None), [{"of": subject} for subject in subjects])


def _next_turn(conn: Connection, connection: str, at: datetime) -> None:
    conn.execute(update(paces).where(paces.c.connection == connection).values(next_at=at))
