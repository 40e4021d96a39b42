"""Deletes what is old and settled, a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, Table, delete, exists, or_, select, tuple_

from worker.store.db.clock import now
from worker.store.db.engine import Store
from worker.store.db.statuses import WELL
from worker.store.db.tables import calls, events, lanes, requests, source_calls
from worker.store.events import past_ids
from worker.store.readings import readings
from worker.store.terms import stored

CLOSED = ("done", "failed")
EVENTS_AT_ONCE = 100
GOING = tuple(events.c[name] for name in ("seq", "id", "connection", "event_id", "replay", "received_at"))


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows went."""

    events: int
    requests: int
    calls: int
    lanes: int
    source_calls: int = 0
    ids: int = 0

    def __bool__(self) -> bool:
        return any((self.events, self.requests, self.calls, self.lanes, self.source_calls, self.ids))


def purge(
    store: Store,
    *,
    keep_events: float,
    keep_calls: float,
    repeats_for: Mapping[str, timedelta] = MappingProxyType({}),
    batch: int = 500,
) -> Purged:
    """One batch of each; to be repeated until nothing went. What is dead, in review or unsettled stays. Ages in seconds.

    `repeats_for`: of connections whose senders repeat longer than others. The ids of events stay for as long.
    """
    with store.read() as conn:
        at = now(conn)
    old = at - timedelta(seconds=keep_events)
    # Asked apart: what is settled is then found from its index alone.
    kept = select(events.c.seq).where(events.c.waits_for.is_not(None), events.c.waits_until > at)
    settled = [events.c.status.in_(WELL), events.c.received_at < old, events.c.seq.not_in(kept)]
    orphaned = [requests.c.received_at < old, ~exists().where(events.c.request_id == requests.c.id)]
    closed = [
        calls.c.started_at < at - timedelta(seconds=keep_calls),
        calls.c.verify_at.is_(None),
        or_(calls.c.state.in_(CLOSED), ~calls.c.write),
    ]
    read = [source_calls.c.started_at < at - timedelta(seconds=keep_calls)]
    idle = [lanes.c.due_at.is_(None), lanes.c.parked_at.is_(None), lanes.c.held_at.is_(None), lanes.c.lease_until < old]
    return Purged(
        events=_forget_events(store, settled, repeats_for, at, batch),
        requests=_forget(store, requests, orphaned, batch),
        calls=_forget(store, calls, closed, batch),
        lanes=_forget(store, lanes, idle, batch),
        source_calls=_forget(store, source_calls, read, batch),
        ids=past_ids.forget(store, at, batch),
    )


def _forget_events(
    store: Store, where: Sequence[ColumnElement[bool]], repeats_for: Mapping[str, timedelta], at: datetime, batch: int
) -> int:
    """All but its id, for as long as it may be sent again. With what makes them searchable, which is a dozen rows of each, and what was read for them."""
    with store.read() as conn:
        found = list(conn.execute(select(events.c.seq).where(*where).limit(batch)).scalars())
    number = 0
    for start in range(0, len(found), EVENTS_AT_ONCE):
        with store.write() as conn:
            these = delete(events).where(events.c.seq.in_(found[start : start + EVENTS_AT_ONCE]), *where)
            rows = conn.execute(these.returning(*GOING)).all()
            own = [row for row in rows if not row.replay]
            past_ids.remember(conn, [(r.connection, r.event_id, r.id, r.received_at) for r in own], repeats_for, at)
            stored.gone(conn, [row.seq for row in rows])
            readings.drop(conn, [row.id for row in rows])
            number += len(rows)
    return number


def _forget(store: Store, table: Table, where: Sequence[ColumnElement[bool]], batch: int) -> int:
    """Found while others write, so that they wait for no more than the deletion; what changed in between stays."""
    keys = list(table.primary_key.columns)
    with store.read() as conn:
        found = [tuple(row) for row in conn.execute(select(*keys).where(*where).limit(batch))]
    if not found:
        return 0
    with store.write() as conn:
        return conn.execute(delete(table).where(tuple_(*keys).in_(found), *where)).rowcount
