"""Reads what was counted in stretches of time, of minutes or of hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BigInteger as Whole
from sqlalchemy import Connection, cast, func, select, union_all

from worker.store.db.tables import hours, minutes
from worker.store.instruments.totals import in_no_hour

HOUR = 60


def by_stretch(conn: Connection, whats: Collection[str], since: int, step: int) -> Mapping[tuple[str, str, int], int]:
    """How often in each stretch of `step` minutes, numbered from the epoch; by (connection, what, number).

    `since`: the first minute, with which a stretch begins. Stretches of whole hours are read from the hours, and what is in none yet
    from its minutes.
    """
    wanted = sorted(whats)
    place = (minutes.c.minute // step).label("place")
    rows: Any = select(minutes.c.connection, minutes.c.what, place, minutes.c.n).where(
        minutes.c.minute >= since, minutes.c.what.in_(wanted)
    )
    if step % HOUR == 0:
        rows = union_all(rows.where(in_no_hour(conn)), _hours(wanted, since, step))
    some = rows.subquery()
    n = cast(func.sum(some.c.n), Whole).label("n")
    found = conn.execute(
        select(some.c.connection, some.c.what, some.c.place, n).group_by(some.c.connection, some.c.what, some.c.place)
    )
    return {(row.connection, row.what, row.place): row.n for row in found}


def _hours(whats: Collection[str], since: int, step: int) -> Any:
    place = (hours.c.hour // (step // HOUR)).label("place")
    return select(hours.c.connection, hours.c.what, place, hours.c.n).where(
        hours.c.hour >= since // HOUR, hours.c.what.in_(whats)
    )
