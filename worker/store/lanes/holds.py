"""Holds lanes back until a person releases them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, exists, func, null, select, update

from worker.store.db.clock import db_now
from worker.store.db.sql import lock_lanes
from worker.store.db.tables import events, lanes
from worker.store.events.events import pending_in
from worker.store.lanes.lanes import lane


def hold(conn: Connection, connection: str, subject: str) -> bool:
    """Nobody claims it from now on; a claim that there is goes on to its end. False: it was held before, or there is no such lane."""
    statement = update(lanes).where(lane(connection, subject), lanes.c.held_at.is_(None))
    return conn.execute(statement.values(held_at=db_now())).rowcount == 1


def release(conn: Connection, connection: str, subject: str) -> bool:
    """What was due meanwhile is due now. False: nobody held it."""
    statement = update(lanes).where(lane(connection, subject), lanes.c.held_at.is_not(None))
    return conn.execute(statement.values(held_at=None, rung_at=None)).rowcount == 1


@dataclass(frozen=True, slots=True)
class Held:
    """How many lanes of a connection are held back; `longest`: seconds since the first of them was, 0 where none is."""

    lanes: int = 0
    longest: float = 0.0


NONE_HELD: Final = Held()


def held(conn: Connection, connection: str) -> Held:
    """One in which something waits is due, held or not: an index has those alone."""
    of_it = (lanes.c.connection == connection, lanes.c.due_at.is_not(None), lanes.c.held_at.is_not(None))
    number, first, at = conn.execute(select(func.count(), func.min(lanes.c.held_at), db_now()).where(*of_it)).one()
    return Held(number, 0.0 if first is None else (at - first).total_seconds())


def waiting_in_held(conn: Connection) -> Mapping[str, int]:
    """How many events wait in lanes that are held back, by connection."""
    in_lane = and_(events.c.connection == lanes.c.connection, events.c.subject == lanes.c.subject)
    these = (lanes.c.held_at.is_not(None), lanes.c.due_at.is_not(None), events.c.status == "pending")
    number = select(lanes.c.connection, func.count().label("number")).join_from(lanes, events, in_lane).where(*these)
    return {row.connection: row.number for row in conn.execute(number.group_by(lanes.c.connection))}


def end_empty(conn: Connection, places: Collection[tuple[str, str]]) -> None:
    """Where nothing waits any more nothing is held: else it would wait for what comes next. Locks lanes in the order in which everybody does."""
    for connection in sorted({connection for connection, _ in places}):
        subjects = sorted(subject for of, subject in places if of == connection)
        held = and_(lanes.c.connection == connection, lanes.c.subject.in_(subjects), lanes.c.held_at.is_not(None))
        lock_lanes(conn, held)
        waits = exists().where(pending_in(lanes.c.connection, lanes.c.subject))
        conn.execute(update(lanes).where(held, ~waits).values(held_at=null()))


def in_held_lane() -> ColumnElement[bool]:
    """Of events."""
    of_event = and_(lanes.c.connection == events.c.connection, lanes.c.subject == events.c.subject)
    return exists(select(lanes.c.subject).where(of_event, lanes.c.held_at.is_not(None))).correlate(events)
