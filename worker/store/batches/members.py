"""Tells which events are in a batch's set, and how many of them are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, exists, func, literal_column, or_, select

from worker.store.batches.rows import REPLAYS, Batch, Kind, going_on
from worker.store.db.statuses import ENDED
from worker.store.db.tables import EPOCH, events
from worker.store.events.chosen import Chosen
from worker.store.lanes.holds import in_held_lane

MAY: Final[Mapping[Kind, Sequence[str]]] = {
    "replay": ENDED,
    "refetch": ENDED,
    "drop": ("pending", "dead", "review"),
    "urgent": ("pending",),
    "hold": ("pending",),
    "release": ("pending",),
    "backfill": (),
}
"""How events stand to which this can be done."""
RECEIVED_ON: Final = literal_column("events.received_at / 86400000000", BigInteger())


def members(kind: Kind, wanted: Chosen, upto: int, at: datetime) -> Sequence[ColumnElement[bool]]:
    """Of events: what is in the set and stands as it did. Neither what came later, nor what ended or waits again since."""
    waits = events.c.status == "pending"
    as_then = or_(
        and_(waits, or_(events.c.again_at.is_(None), events.c.again_at <= at)),
        and_(~waits, func.coalesce(events.c.done_at, events.c.received_at) <= at),
    )
    return [*wanted.clauses(), events.c.status.in_(MAY[kind]), events.c.seq <= upto, as_then, *_fit(kind, wanted)]


def _fit(kind: Kind, wanted: Chosen) -> Sequence[ColumnElement[bool]]:
    if kind == "urgent":
        return [events.c.priority.is_(False)]
    if kind == "release":
        return [in_held_lane()]
    if kind not in REPLAYS:
        return []
    # Of an event and its replays the newest that is meant: else each round would bring twice as many as the one before.
    later = events.alias("later")
    same = and_(later.c.connection == events.c.connection, later.c.event_id == events.c.event_id)
    meant = later.c.status.in_(("pending", *(wanted.status or ENDED)))
    newer = exists().where(same, meant, later.c.seq > events.c.seq).correlate(events)
    return [or_(events.c.status.in_(("dead", "review")), ~newer)]


def of_batch(batch: Batch) -> Sequence[ColumnElement[bool]]:
    """Those of its set that it has not come to."""
    found = members(batch.kind, batch.chosen, batch.upto, batch.counted_at)
    return [*found, events.c.seq > batch.bookmark]


def number(conn: Connection, where: Sequence[ColumnElement[bool]], most: int) -> int:
    """Up to `most`, and one more where there are more."""
    some = select(events.c.seq).where(*where).limit(most + 1).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()


def by_day(conn: Connection, where: Sequence[ColumnElement[bool]]) -> Mapping[date, int]:
    """Of receipt, in UTC."""
    statement = select(RECEIVED_ON.label("day"), func.count().label("number")).where(*where).group_by(RECEIVED_ON)
    rows = conn.execute(statement.order_by(RECEIVED_ON))
    return {(EPOCH + timedelta(days=int(row.day))).date(): row.number for row in rows}


def connections(conn: Connection, where: Sequence[ColumnElement[bool]]) -> Sequence[str]:
    return (
        conn.execute(select(events.c.connection).where(*where).distinct().order_by(events.c.connection)).scalars().all()
    )


def waiting_for_their_turn(conn: Connection) -> Mapping[str, int]:
    """How many events replays have not come to, by connection."""
    numbers: Counter[str] = Counter()
    for batch in going_on(conn):
        if batch.kind in REPLAYS:
            found = select(events.c.connection, func.count().label("number")).where(*of_batch(batch))
            for row in conn.execute(found.group_by(events.c.connection)):
                numbers[row.connection] += row.number
    return numbers


def first(conn: Connection, where: Sequence[ColumnElement[bool]], limit: int) -> Sequence[int]:
    """Their seqs, in order."""
    return conn.execute(select(events.c.seq).where(*where).order_by(events.c.seq).limit(limit)).scalars().all()


def outcomes(conn: Connection, batch: int) -> Mapping[str, int]:
    """How those stand that it took, by status."""
    statement: Any = select(events.c.status, func.count().label("number")).where(events.c.batch == batch)
    return {row.status: row.number for row in conn.execute(statement.group_by(events.c.status))}
