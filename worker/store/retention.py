"""What is old and settled goes, a batch at a time, so that nobody waits long for the purge."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, or_, select, tuple_

from worker.store.clock import after
from worker.store.engine import Store
from worker.store.tables import calls, events, lanes, requests

SETTLED = ("delivered", "superseded", "ignored")
CLOSED = ("done", "failed")


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows went."""

    events: int
    requests: int
    calls: int
    lanes: int

    def __bool__(self) -> bool:
        return any((self.events, self.requests, self.calls, self.lanes))


def purge(store: Store, *, keep_events: float, keep_calls: float, batch: int = 500) -> Purged:
    """One batch of each; to be repeated until nothing went. What is dead, in review or unsettled stays. Ages in seconds."""
    old = after(-keep_events)
    settled = [events.c.status.in_(SETTLED), events.c.received_at < old]
    orphaned = [requests.c.received_at < old, ~exists().where(events.c.request_id == requests.c.id)]
    closed = [calls.c.started_at < after(-keep_calls), or_(calls.c.state.in_(CLOSED), ~calls.c.write)]
    idle = [
        lanes.c.due_at.is_(None),
        or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < old),
    ]
    with store.write() as conn:
        return Purged(
            events=_delete(conn, events, settled, batch),
            requests=_delete(conn, requests, orphaned, batch),
            calls=_delete(conn, calls, [*closed, calls.c.verify_at.is_(None)], batch),
            lanes=_delete(conn, lanes, idle, batch),
        )


def _delete(conn: Connection, table: Table, where: list[ColumnElement[bool]], batch: int) -> int:
    keys = list(table.primary_key.columns)
    some = select(*keys).where(*where).limit(batch)
    # The condition stands twice: PostgreSQL checks the outer one again on a row that changed while the delete waited for it.
    return conn.execute(delete(table).where(tuple_(*keys).in_(some), *where)).rowcount
