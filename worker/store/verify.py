"""Creates that never showed up and were made again: each is looked for once more, by one worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, null, select, update

from worker.plan import Resource
from worker.store.calls import as_resource
from worker.store.clock import after, db_now
from worker.store.engine import Store
from worker.store.storable import storable
from worker.store.tables import calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A create to be looked for. `record_id` is known when its answer came after all. `looks`: how often it was, in vain."""

    id: str
    connection: str
    account: int | None
    resource: Resource
    key: str
    record_id: int | None
    event: str | None
    started_at: datetime
    looks: int


def due(conn: Connection, limit: int = 100) -> Sequence[Lost]:
    """Those whose time has come, the longest due first."""
    rows = conn.execute(select(calls).where(calls.c.verify_at <= db_now()).order_by(calls.c.verify_at).limit(limit))
    return [
        Lost(
            id=row.id,
            connection=row.connection,
            account=row.account,
            resource=as_resource(row.resource),
            key=row.key,
            record_id=row.record_id,
            event=row.event,
            started_at=row.started_at,
            looks=row.looks,
        )
        for row in rows
    ]


def take(store: Store, call: str, seconds: float) -> bool:
    """Nobody else looks for it for so many seconds. False when somebody was quicker."""
    with store.write() as conn:
        statement = update(calls).where(calls.c.id == call, calls.c.verify_at <= db_now())
        return conn.execute(statement.values(verify_at=after(seconds))).rowcount == 1


def again(store: Store, call: str, seconds: float) -> None:
    """Not seen; look once more in so many seconds."""
    with store.write() as conn:
        statement = update(calls).where(calls.c.id == call)
        conn.execute(statement.values(looks=calls.c.looks + 1, verify_at=after(seconds)))


def close(store: Store, call: str, *, record_id: int | None, finding: str) -> None:
    """It is decided: it made this record after all, or none."""
    with store.write() as conn:
        state = "failed" if record_id is None else "done"
        values = {"state": state, "record_id": record_id, "error": storable(finding)}
        conn.execute(update(calls).where(calls.c.id == call).values(verify_at=None, sent=null(), **values))
