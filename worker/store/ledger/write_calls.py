"""Journals write calls before they are sent, and closes them when their outcome is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, null, select, type_coerce, update
from ulid import ULID

from worker.errors import Failure
from worker.plan import OPT_OUT, RESOURCES, Resource
from worker.store.db.clock import AFTER, after, db_now
from worker.store.db.clock import micros as microseconds
from worker.store.db.sql import readable, same
from worker.store.db.tables import Instant, calls
from worker.sync.records import Answer, CallState, Json, OpenWrite

State: TypeAlias = Literal["open", "unknown", "done", "failed", "lost"]
STATES: tuple[State, ...] = get_args(State)
OPEN_STATES = ("open", "unknown")
UPDATES = ("PUT", "UNSUB")
"""What changes a record that exists. UNSUB: the call that opts a contact out."""


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf and with which key calls are made."""

    connection: str
    account: int
    fingerprint: str
    event: str | None


def new_id() -> str:
    return str(ULID())


def intend(
    conn: Connection,
    call: str,
    caller: Caller,
    resource: Resource,
    sent: Mapping[str, Json],
    seconds: float,
    *,
    record_id: int | None = None,
    key: str | None = None,
    verify_in: float | None = None,
) -> None:
    """Journal a write that is about to be sent: a POST for a key, a PUT for a record, or what opts that contact out.

    `verify_in`: unless its outcome is known by then, it is looked for in so many seconds.
    """
    told = {
        "id": call,
        "connection": caller.connection,
        "account": caller.account,
        "fingerprint": caller.fingerprint,
        "event": caller.event,
        "method": "POST" if record_id is None else "UNSUB" if OPT_OUT in sent else "PUT",
        "resource": resource,
        "record_id": record_id,
        "key": key,
        "sent": dict(sent),
        "micros": microseconds(seconds),
        "looked_at": None if verify_in is None else microseconds(verify_in),
    }
    conn.execute(_INTENT, told)


_LOOKED_AT = type_coerce(type_coerce(db_now(), BigInteger) + bindparam("looked_at", type_=BigInteger), Instant())
"""Null where it is not to be looked for."""
_INTENT = calls.insert().values(write=True, state="open", started_at=db_now(), deadline_at=AFTER, verify_at=_LOOKED_AT)


def find(conn: Connection, call: str) -> Row[Any]:
    return conn.execute(select(calls).where(calls.c.id == call)).one()


def done(conn: Connection, call: str, answer: Answer) -> None:
    told = {"of_id": call, "record_id": answer.id, "status": answer.status, "duration": micros(answer.duration)}
    if answer.changed:
        conn.execute(_DONE, {**told, "changed": dict(answer.changed)})
    else:
        conn.execute(_DONE_AS_SENT, told)


_DONE = update(calls).where(same(calls.c.id)).values(state="done", sent=null(), verify_at=None)
_DONE_AS_SENT = _DONE.values(changed=null())


def close(conn: Connection, call: str, state: Literal["done", "failed"], **values: Any) -> None:
    """Its outcome is known."""
    _update(conn, call, **_closed(state), **values)


def failed(conn: Connection, call: str, error: Exception) -> None:
    _update(conn, call, **_closed("failed"), **_of(error))


def unknown(conn: Connection, call: str, error: Exception) -> None:
    """One that was given up meanwhile stays so."""
    statement = update(calls).where(calls.c.id == call, calls.c.state == "open")
    conn.execute(statement.values(state="unknown", **_of(error)))


def lose(conn: Connection, call: str, seconds: float) -> None:
    """Another call takes its place; whether it had its effect after all is looked for in `seconds`."""
    _update(conn, call, state="lost", verify_at=after(seconds))


def surfaced(conn: Connection, call: str, answer: Answer, account: int | None) -> None:
    """A create was answered after its lane had been taken over. What it made is found by whoever tries to end it.

    If something else took its place it is looked at now, unless the connection has left the call's `account`.
    """
    row = conn.execute(select(calls).where(calls.c.id == call).with_for_update()).one()
    values = {"record_id": answer.id, "status": answer.status, "duration": micros(answer.duration)}
    if row.state in OPEN_STATES:
        _update(conn, call, state="unknown", **values)
    elif row.account == account and (row.state, row.record_id) != ("done", answer.id):
        _update(conn, call, state="lost", verify_at=db_now(), **values)
    else:
        _update(conn, call, **values)


def forsake(conn: Connection, connection: str, reason: str) -> Sequence[str]:
    """No write call of the connection is rechecked any more. Answers which were to be."""
    unsettled = and_(calls.c.connection == connection, calls.c.write, calls.c.state.in_((*OPEN_STATES, "lost")))
    given_up = update(calls).where(unsettled).values(**_closed("failed"), error=reason)
    return conn.execute(given_up.returning(calls.c.id)).scalars().all()


def rechecked(conn: Connection, call: str) -> None:
    _update(conn, call, looks=calls.c.looks + 1)


def as_resource(name: str) -> Resource:
    return next(resource for resource in RESOURCES if resource == name)


def micros(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000_000)


def _closed(state: Literal["done", "failed"]) -> dict[str, Any]:
    return {"state": state, "sent": null(), "verify_at": None}


def _of(error: Exception) -> dict[str, Any]:
    text = readable(str(error))
    if isinstance(error, Failure):
        return {"error": text, "status": error.status, "duration": micros(error.duration)}
    return {"error": text}


def _update(conn: Connection, call: str, **values: Any) -> None:
    conn.execute(update(calls).where(calls.c.id == call).values(**values))


SECOND = timedelta(seconds=1)
_PENDING = select(calls, db_now().label("now")).where(calls.c.state.in_(OPEN_STATES), calls.c.write)
_OPEN = _PENDING.where(same(calls.c.id))
_OPEN_ON = _PENDING.where(
    same(calls.c.account, calls.c.resource, calls.c.record_id), calls.c.method.in_(UPDATES)
).order_by(calls.c.started_at, calls.c.id)


def open_write(conn: Connection, call: str | None) -> OpenWrite | None:
    """The call, unless its outcome is known."""
    found = conn.execute(_OPEN, {"of_id": call}).one_or_none()
    return None if found is None else _as_pending(found)


def open_writes_on(conn: Connection, account: int, resource: Resource, record_id: int) -> tuple[OpenWrite, ...]:
    """The updates of a record whose outcome isn't known, oldest first."""
    which = {"of_account": account, "of_resource": resource, "of_record_id": record_id}
    return tuple(_as_pending(call) for call in conn.execute(_OPEN_ON, which))


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


def _as_pending(call: Row[Any]) -> OpenWrite:
    return OpenWrite(
        id=call.id,
        state=CallState(call.state),
        age=max((call.now - call.started_at) / SECOND, 0.0),
        remaining=max((call.deadline_at - call.now) / SECOND, 0.0),
        rechecks=call.looks,
        sent=call.sent or {},
        record_id=call.record_id,
    )
