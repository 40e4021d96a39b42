"""Turns times into bounds of `seq`, the order in which events arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select, union_all

from worker.store.db.statuses import STATUSES
from worker.store.db.tables import events

SLACK = timedelta(minutes=1)
"""Transactions end in another order than they begin, and clocks are set back: by no more than this the two orders differ."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `low` to `high`, both included. From `sure_low` to `sure_high` every event is within the times; outside of that, `within` tells."""

    low: int | None = None
    high: int | None = None
    sure_low: int | None = None
    sure_high: int | None = None
    within: tuple[ColumnElement[bool], ...] = ()


def bounds(conn: Connection, since: datetime | None, until: datetime | None) -> Bounds:
    """Of what was received from `since` on, and before `until`."""
    low, sure_low = _first(conn, since)
    high, sure_high = _last(conn, until)
    within = []
    if since is not None:
        within.append(events.c.received_at >= since)
    if until is not None:
        within.append(events.c.received_at < until)
    return Bounds(low, high, sure_low, sure_high, tuple(within))


def _first(conn: Connection, since: datetime | None) -> tuple[int | None, int | None]:
    if since is None:
        return None, None
    low, sure = (
        _edge(conn, func.min, events.c.received_at >= at, events.c.received_at.asc())
        for at in (since - SLACK, since + SLACK)
    )
    nothing = _beyond(conn)
    return (nothing if low is None else low), (nothing if sure is None else sure)


def _last(conn: Connection, until: datetime | None) -> tuple[int | None, int | None]:
    if until is None:
        return None, None
    high, sure = (
        _edge(conn, func.max, events.c.received_at < at, events.c.received_at.desc())
        for at in (until + SLACK, until - SLACK)
    )
    return (0 if high is None else high), (0 if sure is None else sure)


def _edge(
    conn: Connection,
    outermost: Callable[..., ColumnElement[int]],
    where: ColumnElement[bool],
    order: ColumnElement[object],
) -> int | None:
    """Of each status one, from the index of status and time."""
    of_each = [
        select(select(events.c.seq).where(events.c.status == status, where).order_by(order).limit(1).subquery().c.seq)
        for status in STATUSES
    ]
    found = union_all(*of_each).subquery()
    return conn.execute(select(outermost(found.c.seq))).scalar_one()


def _beyond(conn: Connection) -> int:
    return (conn.execute(select(func.max(events.c.seq))).scalar_one() or 0) + 1
