"""Cancels a batch: stops it, and takes back what nobody has begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, or_, select, true, update

from worker.store.batches.backfills import left_of
from worker.store.batches.rows import REPLAYS, Batch, change
from worker.store.db.clock import db_now, now
from worker.store.db.sql import lock_lanes
from worker.store.db.tables import events, lanes
from worker.store.events.former import restored
from worker.store.instruments.counters import MENDED, count
from worker.store.lanes.holds import end_empty


def cancel(conn: Connection, batch: Batch) -> tuple[int, int]:
    """The batch is locked. Answers how many were done, and how many were taken back or never taken."""
    returned = _take_back(conn, batch) if batch.kind in (*REPLAYS, "backfill") else []
    left = left_of(conn, batch) if batch.state != "draft" else 0
    taken, back = batch.taken - len(returned), left + len(returned)
    change(conn, batch.seq, state="cancelled", ended_at=db_now(), taken=taken, taken_back=back)
    again = [row.connection for row in returned if batch.kind in REPLAYS]
    count(conn, Counter({(c, MENDED): -n for c, n in Counter(again).items()}), now(conn))
    return taken, back


def _take_back(conn: Connection, batch: Batch) -> Sequence[Row[Any]]:
    """Replays and what a backfill brought are gone, and those that were dead or in review are so again."""
    waiting = conn.execute(select(events).where(_not_begun(batch))).all()
    for connection in sorted({row.connection for row in waiting}):
        subjects = sorted({row.subject for row in waiting if row.connection == connection})
        lock_lanes(conn, lanes.c.connection == connection, lanes.c.subject.in_(subjects))
    rows = conn.execute(select(events).where(_not_begun(batch)).order_by(events.c.seq).with_for_update()).all()
    brought = batch.kind == "backfill"
    gone = [row.seq for row in rows if row.former is None and (row.replay or brought)]
    conn.execute(delete(events).where(events.c.seq.in_(gone)))
    back = [row for row in rows if row.former is not None]
    for row in back:
        conn.execute(update(events).where(events.c.seq == row.seq).values(**restored(row.former)))
    end_empty(conn, {(row.connection, row.subject) for row in rows})
    return [row for row in rows if row.former is not None or row.replay or brought]


def _not_begun(batch: Batch) -> ColumnElement[bool]:
    """No worker has looked at it, and none has its lane."""
    of_event = and_(lanes.c.connection == events.c.connection, lanes.c.subject == events.c.subject)
    owned = exists().where(of_event, lanes.c.owner.is_not(None), lanes.c.lease_until > db_now()).correlate(events)
    untouched = and_(events.c.claims == 0, events.c.attempts == 0)
    brought = true() if batch.kind == "backfill" else events.c.replay != ""
    revived_or_new = or_(events.c.former.is_not(None), brought)
    return and_(events.c.batch == batch.seq, events.c.status == "pending", untouched, revived_or_new, ~owned)
