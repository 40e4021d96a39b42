"""Reads since when each connection is silent, and how long its own rhythm lets it be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection as Database

from worker.instruments.rhythm import WEEK, WEEKS, patience, usual
from worker.instruments.standing import Silence
from worker.settings import Connection
from worker.store.db.clock import now
from worker.store.db.tables import EPOCH
from worker.store.instruments import totals
from worker.store.instruments.counters import ANSWERED, RECEIVED, hour_of

HOUR = timedelta(hours=1)
HANDSHAKES: Final = f"{ANSWERED}handshake"
MISSED: Final = 2.2
"""How many of its rhythms a sender that asks may be quiet: two questions were missed then."""


def asking(connections: Mapping[str, Connection]) -> Mapping[str, float]:
    """How often the senders of these ask whether they are answered, in seconds (`Connector.asks_every`)."""
    return {name: every for name, each in connections.items() if (every := each.connector.asks_every) is not None}


def silences(conn: Database, names: Collection[str], asks: Mapping[str, float]) -> Mapping[str, Silence]:
    """By the rhythm of events; and by that of questions, where one is declared (`asks`) and the sender has begun to ask."""
    questions = _questions(conn, {name: every for name, every in asks.items() if name in names})
    return {name: _worse(each, questions.get(name)) for name, each in _of_events(conn, names).items()}


def _questions(conn: Database, asks: Mapping[str, float]) -> Mapping[str, Silence]:
    at = now(conn)
    last = totals.last_counted(conn, HANDSHAKES, asks)
    return {name: Silence(max((at - when).total_seconds(), 0.0), asks[name] * MISSED) for name, when in last.items()}


def _worse(events: Silence, questions: Silence | None) -> Silence:
    return questions if questions is not None and questions.silent else events


def _of_events(conn: Database, names: Collection[str]) -> Mapping[str, Silence]:
    at = now(conn)
    last = totals.last_received(conn, names)
    hourly = totals.by_the_hour(conn, RECEIVED, names, hour_of(at) - (WEEKS + 1) * WEEK)
    found = {}
    for name in names:
        of_it = {hour: n for (connection, hour), n in hourly.items() if connection == name}
        since = last.get(name)
        limit = None if since is None else patience(of_it, (since - EPOCH) / HOUR)
        found[name] = Silence(None if since is None else max((at - since).total_seconds(), 0.0), limit)
    return found


def usual_now(conn: Database, name: str) -> Sequence[int]:
    """How many events came in this hour of the weeks before."""
    hour = hour_of(now(conn))
    hourly = {then: n for (_, then), n in totals.by_the_hour(conn, RECEIVED, [name], hour - (WEEKS + 1) * WEEK).items()}
    return usual(hourly, min(hourly), hour) if hourly else ()
