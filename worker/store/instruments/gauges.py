"""Reads what stands: the oldest waiting events, what waits for people, queued replays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, String, TextClause, func, literal_column, select, text

from worker.store.batches.members import waiting_for_their_turn
from worker.store.db.clock import db_now
from worker.store.db.tables import Instant, lanes

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ForPeople:
    """Events of one connection and fate that wait for a person. `oldest`: seconds since the first of them ended."""

    connection: str
    fate: str
    number: int
    oldest: float


def oldest_waiting(conn: Connection, connections: Iterable[str]) -> Mapping[str, float]:
    """Seconds since the oldest event that waits was received; 0 where none does. Replays wait for their turn, and what a person holds back for a person: neither counts."""
    statement = select(
        select(literal_column("received_at", Instant()))
        .select_from(_events_by(conn, "ix_events_oldest"))
        .where(
            text(
                "connection = :connection AND status = 'pending' AND replay = '' AND NOT EXISTS (SELECT 1 FROM lanes"
                " WHERE lanes.connection = events.connection AND lanes.subject = events.subject"
                " AND lanes.held_at IS NOT NULL)"
            )
        )
        .order_by(text("received_at"))
        .limit(1)
        .scalar_subquery(),
        db_now(),
    )
    return {name: _age(*conn.execute(statement, {"connection": name}).one()) for name in connections}


def for_people(conn: Connection) -> Sequence[ForPeople]:
    statement = (
        select(
            literal_column("connection", String()),
            literal_column("status", String()),
            func.count(),
            literal_column("min(done_at)", Instant()),
            db_now(),
        )
        .select_from(_events_by(conn, "ix_events_for_people"))
        .where(text("status IN ('dead', 'review')"))
        .group_by(text("connection"), text("status"))
    )
    return [
        ForPeople(name, fate, number, _age(since, now)) for name, fate, number, since, now in conn.execute(statement)
    ]


def numbers_for_people(conn: Connection) -> Mapping[tuple[str, str], int]:
    """The same numbers, by (connection, fate)."""
    return {(each.connection, each.fate): each.number for each in for_people(conn)}


def replays_queued(conn: Connection) -> Mapping[str, int]:
    """Replays that wait for their turn, by connection; of those that an earlier release began, their lanes."""
    statement = (
        select(lanes.c.connection, func.count().label("number"))
        .where(lanes.c.parked_at.is_not(None))
        .group_by(lanes.c.connection)
    )
    parked = Counter({row.connection: row.number for row in conn.execute(statement)})
    return parked + Counter(waiting_for_their_turn(conn))


def _events_by(conn: Connection, index: str) -> TextClause:
    """SQLite takes an index by which it looks at every event that waits, whoever sent it."""
    return text(f"events INDEXED BY {index}" if conn.dialect.name == "sqlite" else "events")


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since) / SECOND, 0.0)
