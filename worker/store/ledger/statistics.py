"""Counts what events cost in calls, and what they saved."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, func, select

from worker.store.db.clock import after
from worker.store.db.tables import calls, events


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Of one connection's events that came in lately and have ended.

    `coalesced`: took effect through another event's call. `unchanged`: nothing of them was left to write.
    `reads`, `writes`: calls that were made.
    """

    delivered: int
    coalesced: int
    unchanged: int
    reads: int
    writes: int

    @property
    def writes_per_event(self) -> float:
        """1 before anything was learnt."""
        ended = self.delivered + self.unchanged
        return self.writes / ended if ended else 1.0


def statistics(conn: Connection, connection: str, seconds: float) -> Statistics:
    own_write = exists().where(calls.c.event == events.c.id, calls.c.write)
    return Statistics(
        delivered=_ended(conn, connection, seconds, events.c.status == "delivered"),
        coalesced=_ended(conn, connection, seconds, events.c.status == "delivered", ~own_write),
        unchanged=_ended(conn, connection, seconds, events.c.status == "superseded"),
        reads=_calls(conn, connection, seconds, write=False),
        writes=_calls(conn, connection, seconds, write=True),
    )


def _ended(conn: Connection, connection: str, seconds: float, *which: ColumnElement[bool]) -> int:
    lately = (events.c.connection == connection, events.c.received_at > after(-seconds))
    return conn.execute(select(func.count()).select_from(events).where(*lately, *which)).scalar_one()


def _calls(conn: Connection, connection: str, seconds: float, *, write: bool) -> int:
    lately = (calls.c.connection == connection, calls.c.started_at > after(-seconds))
    return conn.execute(select(func.count()).select_from(calls).where(*lately, calls.c.write.is_(write))).scalar_one()
