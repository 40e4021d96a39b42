"""Lets go in turn what an earlier release put off; live events go first.

Its replays wait in parked lanes. A lane that something else comes into doesn't wait for its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from worker.store.db.clock import db_now
from worker.store.db.tables import lanes, paces
from worker.store.lanes.lanes import lane

LATE = timedelta(seconds=10)
"""A turn that was missed for longer than that (a pause, an outage) is not made up for."""
HELD_UP = timedelta(seconds=5)
"""While something else has been due for longer than that, no turn is given."""


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


def _parked_of(connection: str) -> tuple[ColumnElement[bool], ...]:
    return lanes.c.connection == connection, lanes.c.parked_at.is_not(None)


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
