"""Calls whose outcome was never known, each looked at once more by one worker: updates, and creates that were made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from worker.plan import Key
from worker.ports import Doubt
from worker.store.calls import as_resource
from worker.store.clock import after, db_now
from worker.store.engine import Store
from worker.store.fence import Fence, lane
from worker.store.insert import insert
from worker.store.tables import calls, lanes


@dataclass(frozen=True, slots=True)
class Due:
    """A call to look at, by whose key and in which account it was made."""

    connection: str
    account: int
    fingerprint: str
    doubt: Doubt


def due(conn: Connection, limit: int = 100) -> Sequence[Due]:
    """Those whose time has come, the longest due first."""
    statement = select(calls).where(calls.c.verify_at <= db_now()).order_by(calls.c.verify_at).limit(limit)
    return [Due(row.connection, row.account, row.fingerprint, _doubt(row)) for row in conn.execute(statement)]


def take(store: Store, found: Due, owner: str, seconds: float) -> Fence | None:
    """A lane of its own to look at the call in; nobody else looks for so many seconds. None when somebody was quicker."""
    call = found.doubt.call
    with store.write() as conn:
        statement = update(calls).where(calls.c.id == call, calls.c.verify_at <= db_now())
        if conn.execute(statement.values(verify_at=after(seconds))).rowcount != 1:
            return None
        ours = {"owner": owner, "lease_until": after(seconds)}
        subject = f"verify {call}"
        new = insert(conn, lanes).values(connection=found.connection, subject=subject, token=1, **ours)
        taken = new.on_conflict_do_update(
            index_elements=["connection", "subject"], set_={"token": lanes.c.token + 1, **ours}
        )
        token = conn.execute(taken.returning(lanes.c.token)).scalar_one()
        return Fence(found.connection, subject, token)


def again(store: Store, call: str, seconds: float) -> None:
    """Nothing could be told; look once more in so many seconds."""
    with store.write() as conn:
        statement = update(calls).where(calls.c.id == call, calls.c.verify_at.is_not(None))
        conn.execute(statement.values(looks=calls.c.looks + 1, verify_at=after(seconds)))


def leave(store: Store, fence: Fence) -> None:
    """The lane was for this look only."""
    with store.write() as conn:
        mine = (lane(fence.connection, fence.subject), lanes.c.token == fence.token)
        conn.execute(delete(lanes).where(*mine))


def _doubt(row: Row[Any]) -> Doubt:
    resource = as_resource(row.resource)
    key = None if row.key is None else Key(resource, row.key)
    return Doubt(row.id, resource, row.record_id, key, row.sent or {}, row.event)
