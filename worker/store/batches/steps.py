"""Takes the next events of a batch, each looked at once more, in one transaction a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from worker.store.batches.members import of_batch
from worker.store.batches.rows import REPLAYS, Batch, change, locked, running
from worker.store.db.clock import now
from worker.store.db.engine import Store
from worker.store.db.sql import lock_lanes
from worker.store.db.tables import events, lanes
from worker.store.events import replay
from worker.store.events.replay_rate import LATE, held_up
from worker.store.instruments.counters import again, count
from worker.store.lanes import holds
from worker.store.lanes.backlog import make_due

TOGETHER: Final = 500
"""Events that one transaction takes."""
AT_A_TIME: Final = 20
"""Transactions of one batch, before the sweep goes on."""


def go_on(store: Store) -> None:
    """With all that run. Whoever is stopped anywhere in between loses nothing: each step is whole, or was not made."""
    with store.read() as conn:
        found = running(conn)
    for seq in found:
        for _ in range(AT_A_TIME):
            if step(store, seq) < TOGETHER:
                break


def step(store: Store, seq: int) -> int:
    """Take those whose turn it is. Answers how many. However many processes ask, each event is taken once."""
    with store.write() as conn:
        batch = locked(conn, seq)
        if batch is None or batch.state != "running" or batch.kind == "backfill":
            return 0
        at = now(conn)
        turns = turns_of(batch, at, TOGETHER) if batch.kind in REPLAYS else TOGETHER
        if turns <= 0:
            return 0
        if batch.kind in REPLAYS:
            return _replay(conn, batch, turns, at)
        return _others(conn, batch, at)


def turns_of(batch: Batch, at: datetime, most: int) -> int:
    """How many have come up. What was missed for long (a pause, an outage) is not made up for."""
    if batch.next_at is None or batch.next_at > at:
        return 0
    return min((at - max(batch.next_at, at - LATE)) // _apart(batch) + 1, most)


def next_turn(batch: Batch, at: datetime, taken: int) -> datetime:
    """When the next one comes up after so many were taken."""
    return max(batch.next_at or at, at - LATE) + taken * _apart(batch)


def _apart(batch: Batch) -> timedelta:
    return timedelta(minutes=1) / batch.a_minute


def _replay(conn: Connection, batch: Batch, turns: int, at: datetime) -> int:
    """None while something else of its connection has been due for a while: live events go first."""
    found = _next(conn, batch, turns)
    late = {connection for connection in {row.connection for row in found} if held_up(conn, connection, at)}
    taken = list(takewhile(lambda row: row.connection not in late, found))
    if found and not taken:
        return 0
    replay.pending_again(conn, taken, at, batch.seq, refetch=batch.kind == "refetch")
    make_due(conn, _urgent(taken), at_once=True)
    _come_to(conn, batch, taken, over=len(found) < turns and len(taken) == len(found), at=at)
    change(conn, batch.seq, next_at=next_turn(batch, at, len(taken)))
    count(conn, again(row.connection for row in taken), at)
    return len(taken)


def _others(conn: Connection, batch: Batch, at: datetime) -> int:
    """The lanes first, as whoever works on what waits in them."""
    seen = conn.execute(_query(batch, TOGETHER)).all()
    _lock_lanes(conn, [row for row in seen if row.status == "pending"])
    of_seen = select(events).where(*of_batch(batch), events.c.seq.in_([row.seq for row in seen]))
    taken = conn.execute(of_seen.order_by(events.c.seq).with_for_update()).all()
    counted = _do(conn, batch, taken)
    _come_to(conn, batch, seen, over=len(seen) < TOGETHER, at=at, taken=len(taken))
    count(conn, counted, at)
    return len(seen)


def _do(conn: Connection, batch: Batch, rows: Sequence[Row[Any]]) -> Counter[tuple[str, str]]:
    places = {(row.connection, row.subject) for row in rows}
    of_rows = events.c.seq.in_([row.seq for row in rows])
    if batch.kind == "drop":
        reason = replay.DROPPED + (batch.why or "")
        dropped = update(events).where(of_rows).values(status="ignored", batch=batch.seq, **replay.dropped(reason))
        conn.execute(dropped)
        holds.end_empty(conn, {(row.connection, row.subject) for row in rows if row.status == "pending"})
        return sum((replay.ended_as(row, "ignored") for row in rows), Counter())
    if batch.kind == "urgent":
        conn.execute(update(events).where(of_rows).values(priority=True))
        make_due(conn, dict.fromkeys(places, True))
    for place in sorted(places) if batch.kind in ("hold", "release") else ():
        (holds.hold if batch.kind == "hold" else holds.release)(conn, *place)
    return Counter()


def _next(conn: Connection, batch: Batch, limit: int) -> Sequence[Row[Any]]:
    return conn.execute(_query(batch, limit).with_for_update()).all()


def _query(batch: Batch, limit: int) -> Any:
    return select(events).where(*of_batch(batch)).order_by(events.c.seq).limit(limit)


def _lock_lanes(conn: Connection, rows: Sequence[Row[Any]]) -> None:
    for connection in sorted({row.connection for row in rows}):
        subjects = {row.subject for row in rows if row.connection == connection}
        lock_lanes(conn, lanes.c.connection == connection, lanes.c.subject.in_(sorted(subjects)))


def _urgent(rows: Sequence[Row[Any]]) -> dict[tuple[str, str], bool]:
    urgent: dict[tuple[str, str], bool] = {}
    for row in rows:
        place = (row.connection, row.subject)
        urgent[place] = urgent.get(place, False) or bool(row.priority)
    return urgent


def _come_to(
    conn: Connection, batch: Batch, rows: Sequence[Row[Any]], *, over: bool, at: datetime, taken: int | None = None
) -> None:
    values: dict[str, Any] = {"taken": batch.taken + (len(rows) if taken is None else taken)}
    if rows:
        values["bookmark"] = rows[-1].seq
    if over:
        values |= {"state": "done", "ended_at": at, "bookmark": batch.upto}
    change(conn, batch.seq, **values)
