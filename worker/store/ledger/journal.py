"""Lists every call to Upsales; writes down reads, as the ledger does writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Select, func, select, type_coerce
from ulid import ULID

from worker.store.db.clock import after, db_now
from worker.store.db.engine import Store
from worker.store.db.sql import readable
from worker.store.db.tables import Instant, calls, connections, events, requests
from worker.store.events import traces
from worker.store.ledger import write_calls as writes

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request to Upsales. `duration` in seconds; `changed`: what Upsales stored otherwise than it was sent.

    `event_type`, `subject`, `trace_id`: of the event it was made for, while that is kept.
    """

    id: str
    connection: str
    account: int | None
    fingerprint: str
    method: str
    resource: str
    record_id: int | None
    key: str | None
    event: str | None
    write: bool
    state: str
    status: int | None
    error: str | None
    started_at: datetime
    duration: float | None
    looks: int
    verify_at: datetime | None
    changed: dict[str, Any] | None
    event_type: str | None = None
    subject: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What a key has used of its budget."""

    calls: int
    writes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCall:
    """A read that is made, or a write that no ledger journals: which, by whom, for which event."""

    connection: str
    fingerprint: str
    resource: str
    account: int | None = None
    record_id: int | None = None
    event: str | None = None
    method: str = "GET"


def noted(store: Store, reading: ReadCall, *, status: int | None, duration: float, error: str | None = None) -> str:
    """It has been made. Answers the call id."""
    call = str(ULID())
    with store.write() as conn:
        values = {**_values(reading), **_outcome(status, duration, error)}
        conn.execute(calls.insert().values(id=call, started_at=after(-duration), deadline_at=db_now(), **values))
    return call


def listed(
    conn: Connection,
    *,
    connection: str | None = None,
    fingerprint: str | None = None,
    resource: str | None = None,
    record_id: int | None = None,
    event: str | None = None,
    state: str | None = None,
    status: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
) -> Sequence[Call]:
    """The newest calls first: those begun from `since` on, and before `until`."""
    statement = _selected().where(
        *narrowed(
            connection=connection,
            fingerprint=fingerprint,
            resource=resource,
            record_id=record_id,
            event=event,
            state=state,
            status=status,
        )
    )
    if since is not None:
        statement = statement.where(calls.c.started_at >= since)
    if until is not None:
        statement = statement.where(calls.c.started_at < until)
    rows = conn.execute(statement.order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(limit))
    return [_call(row) for row in rows]


def narrowed(**wanted: str | int | None) -> Sequence[ColumnElement[bool]]:
    """Of calls: those that have these values; None is any."""
    return [calls.c[name] == value for name, value in wanted.items() if value is not None]


def by_id(conn: Connection, ids: Collection[str]) -> Sequence[Call]:
    """The oldest first."""
    found = _selected().where(calls.c.id.in_(sorted(ids))).order_by(calls.c.started_at, calls.c.id)
    return [_call(row) for row in conn.execute(found)]


def _selected() -> Select[Any]:
    why = [events.c.type.label("event_type"), events.c.subject, events.c.request_id, requests.c.headers]
    statement = select(calls, *why).outerjoin(events, events.c.id == calls.c.event)
    return statement.outerjoin(requests, requests.c.id == events.c.request_id)


def used(conn: Connection, connection: str, fingerprint: str, seconds: float) -> Used:
    """Calls made with a connection's key in the last `seconds`."""
    rows = conn.execute(
        select(calls.c.write, func.count().label("number"))
        .where(
            calls.c.connection == connection, calls.c.fingerprint == fingerprint, calls.c.started_at > after(-seconds)
        )
        .group_by(calls.c.write)
    ).all()
    return Used(sum(row.number for row in rows), sum(row.number for row in rows if row.write))


def last_call(conn: Connection, connection: str, fingerprint: str) -> datetime | None:
    """When a key was used last."""
    statement = select(func.max(calls.c.started_at)).where(
        calls.c.connection == connection, calls.c.fingerprint == fingerprint
    )
    found: datetime | None = conn.execute(statement).scalar_one()
    return found


def by_the_hour(conn: Connection, account: int, hours: int) -> Mapping[int, int]:
    """Calls made in an account in this hour and so many before it, by all its connections; hours since the epoch."""
    its_connections = select(connections.c.name).where(connections.c.account == account)
    hour = type_coerce(calls.c.started_at, BigInteger) // (3600 * MICROSECONDS)
    this_hour = type_coerce(db_now(), BigInteger) // (3600 * MICROSECONDS)
    since = type_coerce((this_hour - hours) * (3600 * MICROSECONDS), Instant())
    statement = (
        select(hour.label("hour"), func.count().label("number"))
        .where(calls.c.connection.in_(its_connections), calls.c.started_at >= since)
        .group_by(hour)
    )
    return {row.hour: row.number for row in conn.execute(statement)}


def _values(reading: ReadCall) -> dict[str, Any]:
    return {
        "connection": reading.connection,
        "fingerprint": reading.fingerprint,
        "resource": reading.resource,
        "account": reading.account,
        "record_id": reading.record_id,
        "event": reading.event,
        "method": reading.method,
        "write": reading.method != "GET",
    }


def _outcome(status: int | None, duration: float, error: str | None) -> dict[str, Any]:
    state = "done" if error is None else "failed"
    return {"state": state, "status": status, "duration": writes.micros(duration), "error": readable(error)}


def _call(row: Row[Any]) -> Call:
    values: dict[str, Any] = {name: getattr(row, name, None) for name in Call.__dataclass_fields__}
    values["trace_id"] = row.request_id and traces.stored(row.request_id, row.headers).trace_id
    values["duration"] = None if row.duration is None else row.duration / MICROSECONDS
    return Call(**values)
