"""Counts what happens by the minute, in the transaction in which it happens."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Final, TypeAlias

from sqlalchemy import Connection

from worker.store.db.clock import now
from worker.store.db.engine import SHARD, Store
from worker.store.db.sql import Insert, insert_in
from worker.store.db.tables import EPOCH, minutes

Counts: TypeAlias = Mapping[tuple[str, str], int]
"""(connection, what) → how often. The connection is empty where a request named none that there is."""

RECEIVED: Final = "received"
"""An event was stored that had not been seen before."""
DUPLICATE: Final = "duplicate"
"""An event was sent again."""
AGAIN: Final = "again"
"""An event that had ended waits, or is ended, once more; a replay is one, too."""
MENDED: Final = "mended"
"""What the counted waiting events differed by from those there are; below zero where there were fewer."""
FATES: Final = ("delivered", "superseded", "ignored", "dead", "review")
"""How events end. All that was received, and came again, has ended or waits."""

ANSWERED: Final = "answered:"
"""Begins the outcome of a request to the receiver."""
RETRY: Final = "retry:"
"""Begins the class of failure for which a lane was put off."""
CALL: Final = "call:"
"""Begins method, resource and outcome of a call to Upsales."""
CALL_MS: Final = "call_ms:"
"""The same, and milliseconds in the place of the number."""

BUCKETS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Seconds from received to delivered: the upper bounds that are counted apart."""
TOOK: Final = "took:"
"""Begins the bound of the bucket; `inf` is the last one."""
TOOK_MS: Final = "took_ms"
"""Milliseconds from received to delivered, of all that were delivered."""


def count(conn: Connection, counts: Counts, at: datetime) -> None:
    """Add these. To be the last thing that a transaction does: its rows are locked from here on, in sorted order."""
    shard = conn.get_execution_options().get(SHARD, 0)
    rows = [
        {"minute": minute_of(at), "connection": connection, "what": what, "shard": shard, "n": n}
        for (connection, what), n in sorted(counts.items())
        if n
    ]
    if rows:
        conn.execute(_added(conn.dialect.name), rows)


def count_apart(store: Store, counts: Counts, wait: float) -> None:
    """Add what no transaction belongs to. Raises StoreUnavailable."""
    with store.write(wait) as conn:
        count(conn, counts, now(conn))


@cache
def _added(dialect: str) -> Insert:
    statement = insert_in(dialect, minutes)
    return statement.on_conflict_do_update(
        index_elements=["minute", "connection", "what", "shard"], set_={"n": minutes.c.n + statement.excluded.n}
    )


def minute_of(at: datetime) -> int:
    """Minutes since the epoch."""
    return (at - EPOCH) // timedelta(minutes=1)


def hour_of(at: datetime) -> int:
    """Hours since the epoch."""
    return (at - EPOCH) // timedelta(hours=1)


def again(connections: Iterable[str]) -> Counter[tuple[str, str]]:
    """One event of each of these connections waits once more."""
    return Counter((connection, AGAIN) for connection in connections)


def took(connection: str, seconds: float) -> Counter[tuple[str, str]]:
    """One event was delivered so long after it had been received."""
    return Counter({(connection, bucket_of(seconds)): 1, (connection, TOOK_MS): max(round(seconds * 1000), 0)})


def bucket_of(seconds: float) -> str:
    place = bisect_left(BUCKETS, seconds)
    return TOOK + (f"{BUCKETS[place]:g}" if place < len(BUCKETS) else "inf")
