"""Write calls whose outcome isn't known (yet), and the later ones that show how far Upsales's search has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, select, type_coerce

from worker.plan import Resource
from worker.ports import CallState, Pending
from worker.store.calls import PENDING, as_resource, micros
from worker.store.clock import db_now
from worker.store.tables import Instant, calls

SECOND = timedelta(seconds=1)


def pending(conn: Connection, call: str | None) -> Pending | None:
    """The call, unless its outcome is known."""
    found = conn.execute(_pending().where(calls.c.id == call)).one_or_none()
    return None if found is None else _as_pending(found)


def pending_on(conn: Connection, account: int, resource: Resource, record_id: int) -> tuple[Pending, ...]:
    """The updates of a record whose outcome isn't known, oldest first."""
    of_record = (calls.c.account == account, calls.c.resource == resource, calls.c.record_id == record_id)
    found = conn.execute(_pending().where(*of_record, calls.c.method == "PUT").order_by(calls.c.started_at, calls.c.id))
    return tuple(_as_pending(call) for call in found)


def later_create(conn: Connection, account: int, call: str, within: float | None) -> tuple[Resource, int] | None:
    """The newest record of the account that Upsales answered a create with which was sent after this call."""
    sent_at = select(calls.c.started_at).where(calls.c.id == call).scalar_subquery()
    statement = (
        select(calls.c.resource, calls.c.record_id)
        .where(
            calls.c.account == account,
            calls.c.method == "POST",
            calls.c.state == "done",
            calls.c.status.is_not(None),
            calls.c.started_at > sent_at,
        )
        .order_by(calls.c.started_at.desc())
        .limit(1)
    )
    if within is not None:
        until = type_coerce(sent_at, BigInteger) + micros(within)
        statement = statement.where(calls.c.started_at <= type_coerce(until, Instant()))
    found = conn.execute(statement).one_or_none()
    return None if found is None else (as_resource(found.resource), found.record_id)


def _pending() -> Select[Any]:
    return select(calls, db_now().label("now")).where(calls.c.state.in_(PENDING), calls.c.write)


def _as_pending(call: Row[Any]) -> Pending:
    return Pending(
        id=call.id,
        state=CallState(call.state),
        age=max((call.now - call.started_at) / SECOND, 0.0),
        remaining=max((call.deadline_at - call.now) / SECOND, 0.0),
        looks=call.looks,
        sent=call.sent or {},
        record_id=call.record_id,
    )
