"""Has an event delivered before others, or at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from worker.store.db.clock import now
from worker.store.db.tables import events, lanes
from worker.store.lanes.backlog import make_due
from worker.store.lanes.lanes import lane


def make_urgent(conn: Connection, event: Row[Any]) -> None:
    """Its lane, and so what waits before it in there, goes before others of all connections. A replay waits for its turn no longer."""
    conn.execute(update(events).where(events.c.id == event.id).values(priority=True))
    make_due(conn, {(event.connection, event.subject): True})


def lane_of(conn: Connection, event: Row[Any]) -> Row[Any] | None:
    return conn.execute(select(lanes).where(lane(event.connection, event.subject))).one_or_none()


def ask_now(conn: Connection, event: Row[Any]) -> bool:
    """Whatever its lane waits for, it is tried again at once. False: it is due already."""
    found = lane_of(conn, event)
    if found is not None and found.due_at is not None and found.due_at <= now(conn):
        return False
    make_due(conn, {(event.connection, event.subject): event.priority}, at_once=True)
    return True
