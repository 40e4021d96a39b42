"""Finds calls whose outcome is to be rechecked, each for one worker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from worker.errors import NeedsReview
from worker.plan import Key
from worker.store.db.clock import after, db_now
from worker.store.db.engine import Store
from worker.store.db.sql import insert, readable
from worker.store.db.tables import calls, events, lanes
from worker.store.events import replay
from worker.store.events.events import pending_in
from worker.store.lanes.lanes import Fence, first_token, lane, next_token
from worker.store.ledger import write_calls as journal
from worker.store.ledger.write_calls import as_resource
from worker.sync.records import Recheck
from worker.sync.waits import LONGEST_RECHECK

CREATING = and_(calls.c.method == "POST", calls.c.state.in_(journal.OPEN_STATES))
"""A create whose outcome isn't known, and that nothing took the place of."""


@dataclass(frozen=True, slots=True)
class Due:
    """A call to recheck, by whose key and in which account it was made.

    `age`: seconds since it was journalled. `failed`: how many rechecks could not be made.
    """

    connection: str
    account: int
    fingerprint: str
    age: float
    failed: int
    recheck: Recheck


def due(conn: Connection, connection: str, limit: int = 100, *, runs: bool, patience: float) -> Sequence[Due]:
    """Those of the connection whose time has come, the longest due first.

    A create is left to the events of its lane that still wait, for `patience` seconds: they may be about something else. And
    it is left to the person who is asked about its own. Unless the connection `runs`, only creates are looked at: that takes
    no write, and others may wait for them.
    """
    wanted = (calls.c.connection == connection, _is_due([connection] if runs else [], patience))
    query = select(calls, db_now().label("now")).where(*wanted).order_by(calls.c.verify_at).limit(limit)
    return [_due(row) for row in conn.execute(query)]


def undecided(conn: Connection, call: str | None) -> bool:
    """Whether only a person can tell what became of a create: one is asked, or was told and has left it at that."""
    told = or_(calls.c.verify_at.is_(None), _in_review())
    return conn.execute(select(calls.c.id).where(calls.c.id == call, CREATING, told)).one_or_none() is not None


def connections_due(conn: Connection, running: Collection[str], patience: float) -> Sequence[str]:
    """Which connections have calls to recheck now, those that are not set up any more among them."""
    return conn.execute(select(calls.c.connection).where(_is_due(running, patience)).distinct()).scalars().all()


def subject(call: str) -> str:
    """Of the lane in which the call is rechecked."""
    return f"verify {call}"


def take(store: Store, found: Due, owner: str, seconds: float) -> Fence | None:
    """A lane of its own to recheck the call in; nobody else rechecks it for so many seconds. None when somebody was quicker."""
    call = found.recheck.call
    with store.write() as conn:
        statement = update(calls).where(calls.c.id == call, calls.c.verify_at <= db_now())
        if conn.execute(statement.values(verify_at=after(seconds))).rowcount != 1:
            return None
        ours = {"owner": owner, "lease_until": after(seconds)}
        new = insert(conn, lanes).values(
            connection=found.connection, subject=subject(call), token=first_token(), **ours
        )
        taken = new.on_conflict_do_update(
            index_elements=["connection", "subject"], set_={"token": next_token(), **ours}
        )
        token = conn.execute(taken.returning(lanes.c.token)).scalar_one()
        return Fence(found.connection, subject(call), token)


def again(store: Store, call: str, seconds: float, *, counts: bool = True) -> None:
    """Nothing could be told; recheck once more in so many seconds."""
    with store.write() as conn:
        statement = update(calls).where(calls.c.id == call, calls.c.verify_at.is_not(None))
        conn.execute(statement.values(failed_looks=calls.c.failed_looks + int(counts), verify_at=after(seconds)))


def report(store: Store, call: str, question: NeedsReview) -> None:
    """No machine can settle it: its event goes to a person, and no recheck follows.

    A create that nothing took the place of stays as it is, for the person to decide. One who dropped its event has done so.
    """
    error = readable(str(question))
    with store.write() as conn:
        row = conn.execute(select(calls, CREATING.label("creating")).where(calls.c.id == call).with_for_update()).one()
        if row.verify_at is None:
            # Settled meanwhile.
            return
        if not row.creating and left_to_delivery(conn, row, error):
            return
        if row.creating:
            conn.execute(update(calls).where(calls.c.id == call).values(verify_at=None, error=error))
        else:
            journal.close(conn, call, "failed", error=error)
        if row.event is not None and not (row.creating and _status(conn, row.event) == "ignored"):
            replay.report(conn, row.event, question)


def left_to_delivery(conn: Connection, call: Row[Any], finding: str | None) -> bool:
    """Whether the call's event is to be delivered again: that comes first. Then the call keeps the finding, and is rechecked later."""
    if _status(conn, call.event) != "pending":
        return False
    values = {"error": finding, "verify_at": after(LONGEST_RECHECK)}
    conn.execute(update(calls).where(calls.c.id == call.id).values(**values))
    return True


def leave(store: Store, fence: Fence) -> None:
    """The lane was for this recheck only."""
    with store.write() as conn:
        mine = (lane(fence.connection, fence.subject), lanes.c.token == fence.token)
        conn.execute(delete(lanes).where(*mine))


def _is_due(running: Collection[str], patience: float) -> ColumnElement[bool]:
    runs = calls.c.connection.in_(sorted(running))
    lane_ends_it = and_(runs, calls.c.started_at > after(-patience), _lane_waits())
    awaited = and_(CREATING, or_(lane_ends_it, _in_review()))
    return and_(calls.c.verify_at <= db_now(), or_(runs, calls.c.method == "POST"), ~awaited)


def _lane_waits() -> ColumnElement[bool]:
    """Whether an event waits in the lane of a call's event, which is only the last of those that the call was made for."""
    named = events.alias()
    first = select(events.c.seq).where(named.c.id == calls.c.event, pending_in(named.c.connection, named.c.subject))
    # PostgreSQL may answer EXISTS by reading all events; these it asks for one call at a time.
    return first.limit(1).scalar_subquery().is_not(None)


def _in_review() -> ColumnElement[bool]:
    status = select(events.c.status).where(events.c.id == calls.c.event).scalar_subquery()
    return func.coalesce(status, "") == "review"


def _status(conn: Connection, event: str | None) -> str | None:
    return conn.execute(select(events.c.status).where(events.c.id == event)).scalar_one_or_none()


def _due(row: Row[Any]) -> Due:
    age = max((row.now - row.started_at) / journal.SECOND, 0.0)
    return Due(row.connection, row.account, row.fingerprint, age, row.failed_looks, _recheck(row))


def _recheck(row: Row[Any]) -> Recheck:
    resource = as_resource(row.resource)
    key = None if row.key is None else Key(resource, row.key)
    return Recheck(row.id, resource, row.record_id, key, row.sent or {}, row.event)
