"""Makes lanes due when events come into them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, and_, case, func, or_, select, true

from worker.store.db.clock import db_now, now
from worker.store.db.engine import Store
from worker.store.db.sql import Insert, insert_in
from worker.store.db.tables import events, lanes


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
    due = (lanes.c.due_at <= db_now(), lanes.c.held_at.is_(None))
    statement = select(func.count()).where(lanes.c.connection == connection, *due)
    return conn.execute(statement).scalar_one()
