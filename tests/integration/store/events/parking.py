"""Puts replays off as an earlier release did: their lanes are parked, and let go in turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, and_, case, select

from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.sql import Insert, insert_in
from worker.store.db.tables import events, lanes, paces
from worker.store.events import replay
from worker.store.instruments.counters import again as comes_again
from worker.store.instruments.counters import count


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
