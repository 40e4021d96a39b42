"""Reads what stands still for now: oldest waiting events, what waits for people, queued replays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from worker.store.db.clock import db_now
from worker.store.db.tables import events, lanes

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ForPeople:
    """Events of one connection and fate that wait for a person. `oldest`: seconds since the first of them ended."""

    connection: str
    fate: str
    number: int
    oldest: float


def oldest_waiting(conn: Connection, connections: Iterable[str]) -> Mapping[str, float]:
    """Seconds since the oldest event that waits was received; 0 where none does. Replays wait for their turn and don't count."""
    return {name: _age(conn.execute(_oldest(name)).one()) for name in connections}


def _oldest(connection: str) -> Select[Any]:
    oldest = select(func.min(events.c.received_at)).where(
        events.c.connection == connection, events.c.status == "pending", events.c.replay == ""
    )
    return select(oldest.scalar_subquery(), db_now())


def _age(row: Any) -> float:
    since, now = row
    return 0.0 if since is None else max((now - since) / SECOND, 0.0)


def for_people(conn: Connection) -> Sequence[ForPeople]:
    statement = (
        select(
            events.c.connection,
            events.c.status,
            func.count().label("number"),
            func.min(events.c.done_at).label("since"),
            db_now().label("now"),
        )
        .where(text("events.status IN ('dead', 'review')"))
        .group_by(events.c.connection, events.c.status)
    )
    return [
        ForPeople(row.connection, row.status, row.number, _age((row.since, row.now))) for row in conn.execute(statement)
    ]


def replays_queued(conn: Connection) -> Mapping[str, int]:
    """Lanes that hold replays which wait for their turn, by connection."""
    statement = (
        select(lanes.c.connection, func.count().label("number"))
        .where(lanes.c.parked_at.is_not(None))
        .group_by(lanes.c.connection)
    )
    return {row.connection: row.number for row in conn.execute(statement)}
