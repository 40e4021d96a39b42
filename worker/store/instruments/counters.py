"""Counts what happens by the minute, in the transaction in which it happens."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from typing import Final, TypeAlias

from sqlalchemy import Connection

from worker.store.db.clock import now
from worker.store.db.engine import SHARD, Store
from worker.store.db.statuses import ENDED
from worker.store.db.tables import EPOCH

Counts: TypeAlias = Mapping[tuple[str, str], int]
"""(connection, what) → how often. The connection is empty where a request named none that there is."""

RECEIVED: Final = "received"
"""An event was stored that had not been seen before."""
DUPLICATE: Final = "duplicate"
"""An event was sent again."""
AGAIN: Final = "again"
"""An event that had ended waits, or is ended, once more; a replay is one, too."""
READ: Final = "read"
"""An event was stored that was read of its sender's API: of whose webhooks it tells nothing."""
MENDED: Final = "mended"
"""What the counted waiting events differed by from those there are, and replays that were taken back; below zero where there were fewer."""
COME: Final = (RECEIVED, READ, AGAIN, MENDED)
FATES: Final = ENDED
"""All that was received or read, and came again, has ended or waits."""
CATCH_UP: Final = "catch_up:"
"""Begins what became of an item that catch-up read: brought, duplicate or dead."""

ANSWERED: Final = "answered:"
"""Begins the outcome of a request to the receiver."""
RETRY: Final = "retry:"
"""Begins the class of failure for which a lane was put off."""
CALL: Final = "call:"
"""Begins method, resource and outcome of a call to Upsales."""
CALL_MS: Final = "call_ms:"
"""The same, and milliseconds in the place of the number."""
SOURCE_CALL: Final = "source:"
"""Begins how (get or list), kind and outcome of a reading of a sender's API."""
SOURCE_CALL_MS: Final = "source_ms:"
"""The same, and milliseconds in the place of the number."""

BUCKETS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Seconds from received to delivered: the upper bounds that are counted apart."""
TOOK: Final = "took:"
"""Begins the bound of the bucket; `inf` is the last one."""
TOOK_MS: Final = "took_ms"
"""Milliseconds from received to delivered, of all that were delivered."""


COLUMNS: Final = 5
AT_ONCE: Final = 50


@cache
def _added(dialect: str, rows: int) -> str:
    """One statement for all of them: each costs a journey otherwise. Without SQLAlchemy's compiler, which costs as much again."""
    mark = "%s" if dialect == "postgresql" else "?"
    row = f"({', '.join([mark] * COLUMNS)})"
    return (
        f"INSERT INTO minutes (minute, connection, what, shard, n) VALUES {', '.join([row] * rows)}"  # noqa: S608 - no input
        " ON CONFLICT (minute, connection, what, shard) DO UPDATE SET n = minutes.n + excluded.n"
    )


def count(conn: Connection, counts: Counts, at: datetime) -> None:
    """Add these. To be the last thing that a transaction does: its rows are locked from here on, in sorted order."""
    minute, shard = minute_of(at), conn.get_execution_options().get(SHARD, 0)
    rows = [(minute, connection, what, shard, n) for (connection, what), n in sorted(counts.items()) if n]
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        conn.exec_driver_sql(_added(conn.dialect.name, len(some)), tuple(chain.from_iterable(some)))


def count_apart(store: Store, counts: Counts, wait: float) -> None:
    """Add what no transaction belongs to. Raises StoreUnavailable."""
    with store.write(wait) as conn:
        count(conn, counts, now(conn))


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
