"""Keeps how far backfills have come, and takes in what they read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, update

from worker.store.batches import rows
from worker.store.batches.members import number, of_batch
from worker.store.batches.rows import OVER, Batch, change, locked
from worker.store.batches.steps import next_turn, turns_of
from worker.store.db.clock import now
from worker.store.db.engine import Store
from worker.store.db.sql import readable
from worker.store.db.tables import backfills, batches, events
from worker.store.events.arrival import Arrival, Receipt
from worker.store.events.chosen import Chosen
from worker.store.events.intake import accept
from worker.store.events.replay_rate import held_up

ROOM: Final = 5
"""So many of a backfill's events wait at a time: fewer than a worker has threads, so that a live event finds one free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be read. `counted`: how many things there are; 0 where nobody counted. `file` and `digest`: of a file."""

    connection: str
    kinds: Sequence[str]
    since: datetime | None = None
    file: str | None = None
    digest: str | None = None
    counted: int = 0
    a_minute: int
    by: str
    why: str | None = None
    key: str


@dataclass(frozen=True, slots=True)
class Place:
    """`kind`: the number of the kind that is read. `bookmark`: where the page is. `done`: how many of its items were taken."""

    kind: int = 0
    bookmark: str | None = None
    done: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    batch: int
    connection: str
    kinds: Sequence[str]
    at: Place
    since: datetime | None
    file: str | None
    digest: str | None
    seen: int
    known: int
    left_out: int
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """So many items may be taken now."""

    backfill: Backfill
    number: int


def start(conn: Connection, asked: Asked) -> int:
    """Answers its number. It runs from now on."""
    at = now(conn)
    wanted = rows.Asked(
        "backfill", Chosen(connection=(asked.connection,)), asked.a_minute, asked.why, asked.by, asked.key, ""
    )
    seq = rows.draft(conn, wanted, 0, at, asked.counted)
    assert seq is not None, "its key is new"
    change(conn, seq, state="running", started_at=at, next_at=at)
    values = {"kinds": list(asked.kinds), "since": asked.since, "file": asked.file, "digest": asked.digest}
    conn.execute(backfills.insert().values(batch=seq, connection=asked.connection, **values))
    return seq


def get(conn: Connection, seq: int) -> Backfill | None:
    row = conn.execute(select(backfills).where(backfills.c.batch == seq)).one_or_none()
    return None if row is None else _backfill(row)


def going_on(conn: Connection) -> Sequence[Backfill]:
    """Running or paused, the oldest first."""
    there = select(backfills).join(batches, batches.c.seq == backfills.c.batch).where(batches.c.state.not_in(OVER))
    return [_backfill(row) for row in conn.execute(there.order_by(backfills.c.batch))]


def running(conn: Connection) -> Sequence[Backfill]:
    """Those that workers read: a file is read by who has it."""
    there = select(backfills).join(batches, batches.c.seq == backfills.c.batch).where(batches.c.state == "running")
    return [_backfill(row) for row in conn.execute(there.where(backfills.c.file.is_(None)))]


def turn(store: Store, seq: int) -> Turn | None:
    """None while none has come up: live events go first, and what was taken before. Raises nothing where it is over."""
    with store.read() as conn:
        batch, found = rows.get(conn, seq), get(conn, seq)
        if batch is None or found is None or batch.state != "running":
            return None
        at = now(conn)
        waiting = select(func.count()).where(events.c.batch == seq, events.c.status == "pending")
        room = ROOM - conn.execute(waiting).scalar_one()
        turns = turns_of(batch, at, room) if room > 0 else 0
        if turns <= 0 or held_up(conn, found.connection, at):
            return None
    return Turn(found, turns)


def nothing_more(_conn: Connection, _receipt: Receipt) -> None:
    """Where nothing is stored with events."""


def take(
    store: Store,
    seq: int,
    before: Place,
    after: Place | None,
    arrival: Arrival | None,
    counts: Mapping[str, int],
    with_events: Callable[[Connection, Receipt], None] = nothing_more,
) -> bool:
    """Take in what was read, and go on to the next place, in one transaction. False where somebody else did, or it runs no more.

    `after`: None at the end. `counts`: what became of the items that are no events. `with_events`: stores what belongs to those that were stored.
    """
    with store.write() as conn:
        batch, found = locked(conn, seq), get(conn, seq)
        if batch is None or found is None or batch.state != "running" or found.at != before:
            return False
        at = now(conn)
        fresh = _accepted(conn, seq, arrival, with_events)
        counted = Counter(counts)
        counted["known"] += (0 if arrival is None else len(arrival.events)) - fresh
        place = after or Place(len(found.kinds))
        moved = {"place": place.kind, "bookmark": place.bookmark, "done": place.done, "trouble": None}
        added = {name: backfills.c[name] + counted[name] for name in ("seen", "known", "left_out")}
        conn.execute(update(backfills).where(backfills.c.batch == seq).values(**moved, **added))
        change(conn, seq, taken=batch.taken + fresh, next_at=next_turn(batch, at, fresh))
        if after is None:
            change(conn, seq, state="done", ended_at=at)
        return True


def put_off(store: Store, seq: int, seconds: float, trouble: str) -> None:
    """The sender could not be read: it is tried again later."""
    with store.write() as conn:
        if locked(conn, seq) is None:
            return
        change(conn, seq, next_at=now(conn) + timedelta(seconds=seconds))
        conn.execute(update(backfills).where(backfills.c.batch == seq).values(trouble=readable(trouble)))


def left_of(conn: Connection, batch: Batch) -> int:
    """How many the batch has not come to. Of a backfill: of those that were counted."""
    if batch.kind != "backfill":
        return number(conn, of_batch(batch), batch.counted)
    found = get(conn, batch.seq)
    return 0 if found is None else max(batch.counted - found.seen, 0)


def purge(conn: Connection) -> int:
    """Those whose batch is no longer kept."""
    return conn.execute(delete(backfills).where(backfills.c.batch.not_in(select(batches.c.seq)))).rowcount


def _accepted(
    conn: Connection, seq: int, arrival: Arrival | None, with_events: Callable[[Connection, Receipt], None]
) -> int:
    """How many of its events wait now: those that are new, and dead letters of an earlier one, which are tried again."""
    if arrival is None:
        return 0
    (receipt,) = accept(conn, [arrival])
    taken = [event.id for event in receipt.events if event.taken != "duplicate"]
    if taken:
        conn.execute(update(events).where(events.c.id.in_(taken)).values(batch=seq))
        with_events(conn, receipt)
    return len(taken)


def _backfill(row: Row[Any]) -> Backfill:
    return Backfill(
        batch=row.batch,
        connection=row.connection,
        kinds=tuple(row.kinds),
        at=Place(row.place, row.bookmark, row.done),
        since=row.since,
        file=row.file,
        digest=row.digest,
        seen=row.seen,
        known=row.known,
        left_out=row.left_out,
        trouble=row.trouble,
    )
