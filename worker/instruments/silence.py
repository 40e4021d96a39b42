"""Reads since when each connection is silent, and how long its own rhythm lets it be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection as Database

from worker.instruments.rhythm import WEEK, WEEKS, patience, usual
from worker.instruments.standing import Silence
from worker.store.db.clock import now
from worker.store.db.tables import EPOCH
from worker.store.instruments import totals
from worker.store.instruments.counters import RECEIVED, hour_of

HOUR = timedelta(hours=1)


def silences(conn: Database, names: Collection[str]) -> Mapping[str, Silence]:
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
