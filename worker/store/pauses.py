"""Connections that deliver nothing: until a person resumes them, or a probe finds that their key is accepted again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, case, func, null, or_, update

from worker.store.clock import after, db_now
from worker.store.connections import change, locked
from worker.store.engine import Store
from worker.store.exclusive import lock_lanes
from worker.store.storable import storable
from worker.store.tables import connections, lanes


def pause(store: Store, name: str, reason: str, *, probe_in: float | None, key: str | None = None) -> bool:
    """No deliveries until resumed. `probe_in`: seconds until its `key` is tried; None: only a person resumes.

    False when it was paused before: then only the reason is new, and what a person paused stays as it is.
    """
    with store.write() as conn:
        row = locked(conn, name)
        if row.state == "paused" and row.probe_at is None and probe_in is not None:
            return False
        probe_at = null() if probe_in is None else after(probe_in)
        values: dict[str, Any] = {"reason": storable(reason), "probe_at": probe_at, "refused_key": key}
        if row.state != "paused":
            values |= {"state": "paused", "since": db_now(), "probes": 0}
        change(conn, name, **values)
        return bool(row.state != "paused")


def resume(store: Store, name: str) -> bool:
    """Deliveries go on, those that wait at once. False when it was not paused."""
    with store.write() as conn:
        paused = bool(locked(conn, name).state == "paused")
        end(conn, name)
        return paused


def end(conn: Connection, name: str) -> None:
    """Nothing is held against the connection any more, and all its lanes that wait are due."""
    calm = {"failing": null(), "broken_until": None, "breaks": 0}
    change(conn, name, state="active", reason=None, since=None, probe_at=None, probes=0, refused_key=None, **calm)
    # Those that were rung meanwhile were rung in vain.
    waiting = (lanes.c.connection == name, or_(lanes.c.due_at > db_now(), lanes.c.rung_at >= lanes.c.due_at))
    lock_lanes(conn, *waiting)
    sooner = case((lanes.c.due_at > db_now(), db_now()), else_=lanes.c.due_at)
    conn.execute(update(lanes).where(*waiting).values(due_at=sooner, rung_at=None))


def take_probe(store: Store, name: str, next_in: float, key: str | None = None) -> bool:
    """Take the probe that is due, so that nobody else makes it; the next one is in `next_in` seconds. False: taken already.

    With another `key` than the one that was refused it is due at once.
    """
    with store.write() as conn:
        another = func.coalesce(connections.c.refused_key, key or "") != (key or "")
        due = and_(connections.c.probe_at.is_not(None), or_(connections.c.probe_at <= db_now(), another))
        statement = update(connections).where(connections.c.name == name, connections.c.state == "paused", due)
        probes = case((another, 1), else_=connections.c.probes + 1)
        values = {"probe_at": after(next_in), "probes": probes, "refused_key": key}
        return conn.execute(statement.values(**values)).rowcount == 1


def probe_again(store: Store, name: str, seconds: float) -> None:
    """The probe that was taken told nothing about the key: it is made once more in so many seconds, and doesn't count."""
    with store.write() as conn:
        taken = (connections.c.name == name, connections.c.state == "paused", connections.c.probe_at.is_not(None))
        probes = case((connections.c.probes > 0, connections.c.probes - 1), else_=0)
        conn.execute(update(connections).where(*taken).values(probe_at=after(seconds), probes=probes))
