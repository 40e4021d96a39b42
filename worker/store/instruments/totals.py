"""Reads what was counted: in all, lately, and hour by hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger as Whole
from sqlalchemy import ColumnElement, Connection, and_, cast, func, select, union_all

from worker.store.db.clock import now
from worker.store.db.tables import EPOCH, hours, minutes
from worker.store.db.tables import totals as sums
from worker.store.instruments.counters import COME, FATES, RECEIVED, Counts, minute_of

ROLLED_UNTIL = select(cast(func.coalesce(func.max(hours.c.hour) + 1, 0) * 60, Whole))


def totals(conn: Connection, whats: Collection[str] = ()) -> Counts:
    """Since counting began; of `whats` only, if any. One statement, so that all of it is of one moment; reads the minutes of an hour or two."""
    n = cast(func.sum(minutes.c.n), Whole).label("n")
    rest = select(minutes.c.connection, minutes.c.what, n).where(in_no_hour(conn))
    whole = select(sums.c.connection, sums.c.what, sums.c.n)
    if whats:
        rest, whole = rest.where(among(whats)), whole.where(sums.c.what.in_(sorted(whats)))
    return _summed(conn, union_all(whole, rest.group_by(minutes.c.connection, minutes.c.what)))


def lately(conn: Connection, seconds: float) -> Counts:
    """In the last so many seconds, to the minute; minutes are kept for two days."""
    since = minute_of(now(conn) - timedelta(seconds=seconds))
    return _summed(conn, select(minutes.c.connection, minutes.c.what, minutes.c.n).where(minutes.c.minute > since))


def by_the_hour(conn: Connection, what: str, connections: Collection[str], since: int) -> Mapping[tuple[str, int], int]:
    """How often in each hour from `since` on, which is counted from the epoch; by (connection, hour)."""
    statement = select(hours.c.connection, hours.c.hour, hours.c.n).where(
        hours.c.connection.in_(sorted(connections)), hours.c.what == what, hours.c.hour >= since
    )
    return {(row.connection, row.hour): row.n for row in conn.execute(statement)}


def last_received(conn: Connection, connections: Iterable[str]) -> Mapping[str, datetime]:
    """The end of the minute in which each of these last sent an event; who never did is left out."""
    return last_counted(conn, RECEIVED, connections)


def last_counted(conn: Connection, what: str, connections: Iterable[str]) -> Mapping[str, datetime]:
    """The same of anything that is counted."""
    at = now(conn)
    latest = {name: minute for name in connections if (minute := _last_minute(conn, name, what)) is not None}
    return {name: min(EPOCH + timedelta(minutes=minute + 1), at) for name, minute in latest.items()}


def waiting(counted: Counts) -> Mapping[str, int]:
    """How many events wait, by connection: what came, less what has ended."""
    found: Counter[str] = Counter()
    for (connection, what), n in counted.items():
        if what in COME:
            found[connection] += n
        elif what in FATES:
            found[connection] -= n
    return found


def in_no_hour(conn: Connection) -> ColumnElement[bool]:
    """Of minutes: those that are in no hour yet, as of the statement's moment.

    Said twice: by what it is now, which only grows, PostgreSQL sees how few they are.
    """
    return and_(minutes.c.minute >= rolled_up(conn), minutes.c.minute >= ROLLED_UNTIL.scalar_subquery())


def among(whats: Collection[str]) -> ColumnElement[bool]:
    """Of minutes that are found by their minute: a plain IN is taken for a condition of their index, by which PostgreSQL reads all of the table."""
    return func.coalesce(minutes.c.what, "").in_(sorted(whats))


def rolled_up(conn: Connection) -> int:
    """The first minute that is in no hour yet."""
    return conn.execute(ROLLED_UNTIL).scalar_one()


def _summed(conn: Connection, rows: Any) -> Counts:
    some = rows.subquery()
    n = cast(func.sum(some.c.n), Whole).label("n")
    found = conn.execute(select(some.c.connection, some.c.what, n).group_by(some.c.connection, some.c.what))
    return {(row.connection, row.what): row.n for row in found}


def _last_minute(conn: Connection, connection: str, what: str) -> int | None:
    """Of the minutes that are in no hour yet; else of the last hour in which there was one."""
    latest = select(func.max(minutes.c.minute)).where(
        minutes.c.connection == connection, minutes.c.what == what, in_no_hour(conn)
    )
    found: int | None = conn.execute(latest).scalar_one()
    if found is not None:
        return found
    of_connection = select(func.max(hours.c.hour)).where(hours.c.connection == connection, hours.c.what == what)
    hour: int | None = conn.execute(of_connection).scalar_one()
    if hour is None:
        return None
    within = select(func.max(minutes.c.minute)).where(
        minutes.c.minute.between(hour * 60, hour * 60 + 59),
        minutes.c.connection == connection,
        minutes.c.what == what,
    )
    return conn.execute(within).scalar_one() or hour * 60 + 59
