"""Counts a key's calls in the journal, to fill windows that Redis has forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from worker.store.db import clock
from worker.store.db.engine import Store
from worker.store.db.tables import calls
from worker.store.lanes import connections
from worker.store.ledger import journal

OPEN = ("open", "unknown")


@dataclass(frozen=True, slots=True)
class PastCall:
    """`ended`: seconds ago; None while it is open."""

    ended: float | None
    write: bool


@dataclass(frozen=True, slots=True)
class Past:
    """`hours`: the account's calls of the last day, by hours since the epoch."""

    calls: Sequence[PastCall]
    hours: Mapping[int, int] = field(default_factory=dict)

    def since(self, seconds: float) -> bool:
        return any(call.ended is None or call.ended < seconds for call in self.calls)

    def packed(self, hold: float) -> str:
        """For the script: microseconds since the end, below zero those until an open one has surely ended."""
        return json.dumps(
            [
                (-round(hold * 1e6) if call.ended is None else max(round(call.ended * 1e6), 0), call.write)
                for call in self.calls
            ]
        )


def journalled(store: Store, connection: str) -> Callable[[str, float], Past]:
    """The journal of one connection's calls."""

    def recall(fingerprint: str, seconds: float) -> Past:
        with store.read() as conn:
            now = clock.now(conn)
            return Past(_calls(conn, connection, fingerprint, now, seconds), _hours(conn, connection))

    return recall


def _calls(conn: Connection, connection: str, fingerprint: str, now: datetime, seconds: float) -> Sequence[PastCall]:
    query = select(calls.c.started_at, calls.c.duration, calls.c.deadline_at, calls.c.state, calls.c.write).where(
        calls.c.connection == connection,
        calls.c.fingerprint == fingerprint,
        calls.c.started_at > now - timedelta(seconds=seconds + LONGEST_CALL),
    )
    return [
        PastCall(_ended(row.state, row.started_at, row.duration, row.deadline_at, now), row.write)
        for row in conn.execute(query)
    ]


LONGEST_CALL = 60.0


def _ended(state: str, started: datetime, duration: int | None, deadline: datetime, now: datetime) -> float | None:
    """Seconds ago. Without an answer: at its deadline."""
    if state in OPEN and deadline > now:
        return None
    end = deadline if duration is None else started + timedelta(microseconds=duration)
    return max((now - end).total_seconds(), 0.0)


def _hours(conn: Connection, connection: str) -> Mapping[int, int]:
    account = connections.get(conn, connection).account
    return {} if account is None else journal.by_the_hour(conn, account, hours=24)
