"""Reads what was counted of one connection, minute by minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from worker.store.db.clock import now
from worker.store.db.tables import minutes
from worker.store.instruments.counters import CALL, minute_of


@dataclass(frozen=True, slots=True)
class Lately:
    """The whole minutes up to `until`, the oldest first: calls to Upsales, and those of them that write. `counted`: all of them, by what."""

    until: datetime
    calls: Sequence[int]
    writes: Sequence[int]
    counted: Counter[str]


def lately(conn: Connection, connection: str, number: int) -> Lately:
    """The last so many minutes, the one that has just begun included."""
    at = now(conn)
    first = minute_of(at) - number + 1
    found = select(minutes.c.minute, minutes.c.what, minutes.c.n).where(
        minutes.c.minute >= first, minutes.c.connection == connection
    )
    calls, writes, counted = [0] * number, [0] * number, Counter[str]()
    for row in conn.execute(found):
        counted[row.what] += row.n
        # A process's clock is not asked, but minutes can be written while this is read.
        place = min(row.minute - first, number - 1)
        if row.what.startswith(CALL):
            calls[place] += row.n
            writes[place] += 0 if row.what.startswith(f"{CALL}GET:") else row.n
    return Lately(at, calls, writes, counted)
