"""Reads what was counted in stretches of time, of minutes or of hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BigInteger as Whole
from sqlalchemy import ColumnElement, Connection, Table, cast, func, select

from worker.store.db.tables import hours, minutes
from worker.store.instruments.totals import among, rolled_up

HOUR = 60


def by_stretch(conn: Connection, whats: Collection[str], since: int, step: int) -> Mapping[tuple[str, str, int], int]:
    """How often in each stretch of `step` minutes, numbered from the epoch; by (connection, what, number).

    `since`: the first minute, with which a stretch begins. Stretches of whole hours are read from the hours, and what is in none yet
    from its minutes.
    """
    if step % HOUR:
        # A minute is found in its order, without sorting.
        stretch = minutes.c.minute if step == 1 else minutes.c.minute // step
        return _summed(conn, minutes, stretch, among(whats), minutes.c.minute >= since)
    # The same bound for both: an hour that is rolled up in between keeps its minutes.
    bound = max(rolled_up(conn), since)
    late = _summed(conn, minutes, minutes.c.minute // step, among(whats), minutes.c.minute >= bound)
    hour = hours.c.hour.between(since // HOUR, bound // HOUR - 1)
    early = _summed(conn, hours, hours.c.hour // (step // HOUR), hours.c.what.in_(sorted(whats)), hour)
    found = Counter(late)
    found.update(early)
    return found


def _summed(
    conn: Connection, table: Table, stretch: ColumnElement[Any], *which: ColumnElement[bool]
) -> Mapping[tuple[str, str, int], int]:
    numbered = select(table.c.connection, table.c.what, stretch.label("place"), table.c.n)
    some = numbered.where(*which).subquery()
    n = cast(func.sum(some.c.n), Whole).label("n")
    places = some.c.connection, some.c.what, some.c.place
    return {(row.connection, row.what, row.place): row.n for row in conn.execute(select(*places, n).group_by(*places))}
