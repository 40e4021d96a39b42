"""Adds minutes up to hours and totals, and mends the number of waiting events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, cast, delete, func, literal, select, text, union_all

from worker.store.db.clock import now
from worker.store.db.engine import Store
from worker.store.db.sql import insert_in
from worker.store.db.tables import events, hours, minutes, processes, totals
from worker.store.instruments.counters import COME, FATES, MENDED, hour_of, minute_of
from worker.store.instruments.totals import in_no_hour

LAG = timedelta(minutes=10)
"""After an hour no transaction counts in it any more: none lasts longer than a minute."""
KEEP_MINUTES = timedelta(hours=48)
KEEP_HOURS = timedelta(days=400)
KEEP_PROCESSES = timedelta(days=1)
ADVISORY_LOCK = 7_305_001_415


def roll_up(store: Store) -> int:
    """Add the hours that are over. Answers how many rows of hours that made; safe to run twice at a time."""
    with store.read() as conn:
        until = hour_of(now(conn) - LAG)
        pending = conn.execute(select(func.min(minutes.c.minute)).where(in_no_hour(conn))).scalar_one()
    if pending is None or pending // 60 >= until:
        return 0
    with store.write() as conn:
        _alone(conn)
        return _add_hours(conn, until)


def forget_old(store: Store) -> None:
    """Delete minutes, hours and processes that nobody asks for any more; totals keep what the hours held."""
    with store.read() as conn:
        at = now(conn)
        old_minute, old_hour = minute_of(at - KEEP_MINUTES), hour_of(at - KEEP_HOURS)
        old = [
            conn.execute(select(minutes.c.minute).where(minutes.c.minute < old_minute).limit(1)).first(),
            conn.execute(select(hours.c.hour).where(hours.c.hour < old_hour).limit(1)).first(),
            conn.execute(select(processes.c.id).where(processes.c.seen_at < at - KEEP_PROCESSES).limit(1)).first(),
        ]
    if any(old):
        with store.write() as conn:
            # What is in no hour yet is in no total either.
            conn.execute(delete(minutes).where(minutes.c.minute < old_minute, ~in_no_hour(conn)))
            conn.execute(delete(hours).where(hours.c.hour < old_hour))
            conn.execute(delete(processes).where(processes.c.seen_at < at - KEEP_PROCESSES))


def mend_waiting(store: Store) -> Mapping[str, int]:
    """Count the waiting events and put the counted number right where it differs. Answers by how much, by connection.

    It differs after an upgrade, when processes of a release that did not count still ran beside this one.
    """
    with store.read() as conn:
        if not _differences(conn):
            return {}
    with store.write() as conn:
        _alone(conn)
        found = _differences(conn)
        _add(conn, [{"connection": name, "what": MENDED, "n": n} for name, n in sorted(found.items())])
        return found


def _alone(conn: Connection) -> None:
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})


def _add_hours(conn: Connection, until: int) -> int:
    hour = cast(func.floor(minutes.c.minute / 60), BigInteger).label("hour")
    n = cast(func.sum(minutes.c.n), BigInteger).label("n")
    over = select(minutes.c.connection, minutes.c.what, hour, n).where(in_no_hour(conn), minutes.c.minute < until * 60)
    rows = [row._asdict() for row in conn.execute(over.group_by(minutes.c.connection, minutes.c.what, hour))]
    if rows:
        conn.execute(hours.insert(), rows)
        _add(conn, [{name: row[name] for name in ("connection", "what", "n")} for row in rows])
    return len(rows)


def _add(conn: Connection, rows: list[dict[str, Any]]) -> None:
    statement = insert_in(conn.dialect.name, totals)
    added = statement.on_conflict_do_update(
        index_elements=["connection", "what"], set_={"n": totals.c.n + statement.excluded.n}
    )
    if rows:
        conn.execute(added, sorted(rows, key=lambda row: (row["connection"], row["what"])))


def _differences(conn: Connection) -> Mapping[str, int]:
    """What waits less what is counted as waiting. One statement: both are of one moment."""
    came, ended = COME, FATES
    parts = [
        select(table.c.connection, (table.c.n * literal(sign)).label("n")).where(table.c.what.in_(which), *where)
        for table, where in ((totals, ()), (minutes, (in_no_hour(conn),)))
        for which, sign in ((came, -1), (ended, 1))
    ]
    there = select(events.c.connection, func.count().label("n")).where(events.c.status == "pending")
    some = union_all(there.group_by(events.c.connection), *parts).subquery()
    n = cast(func.sum(some.c.n), BigInteger).label("n")
    rows = conn.execute(select(some.c.connection, n).group_by(some.c.connection))
    return {row.connection: row.n for row in rows if row.n}
