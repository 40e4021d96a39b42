"""Writes down and lists what was read of senders' APIs, apart from the calls to Upsales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select
from ulid import ULID

from worker.logs.masking import id_shown
from worker.store.db.clock import after
from worker.store.db.engine import Store
from worker.store.db.tables import events, source_calls
from worker.store.ledger import write_calls as writes
from worker.store.ledger.call_pages import Spot

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCall:
    """One reading. `thing`: its id, without what may name somebody; None for a list. `code`: of its failure; None where it succeeded.

    `duration` in seconds. `event_type`, `subject`: of the event it was made for, while that is kept.
    """

    id: str
    connection: str
    fingerprint: str
    kind: str
    thing: str | None
    event: str | None
    status: int | None
    code: str | None
    started_at: datetime
    duration: float
    event_type: str | None = None
    subject: str | None = None


def noted(
    store: Store,
    *,
    connection: str,
    fingerprint: str,
    kind: str,
    thing: str | None,
    event: str | None,
    status: int | None,
    duration: float,
    code: str | None,
) -> str:
    """It has been made. Answers its id."""
    call = str(ULID())
    values = {
        "id": call,
        "connection": connection,
        "fingerprint": fingerprint,
        "kind": kind,
        "thing": None if thing is None else id_shown(thing),
        "event": event,
        "status": status,
        "code": code,
        "duration": writes.micros(duration),
    }
    with store.write() as conn:
        conn.execute(source_calls.insert().values(started_at=after(-duration), **values))
    return call


def listed(
    conn: Connection,
    *,
    connection: Sequence[str] = (),
    fingerprint: Sequence[str] = (),
    event: Sequence[str] = (),
    kind: Sequence[str] = (),
    status: Sequence[int] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    before: Spot | None = None,
    limit: int = 100,
) -> Sequence[SourceCall]:
    """The newest first: those begun from `since` on, and before `until`. Several values of one column: any of them."""
    wanted = {"connection": connection, "fingerprint": fingerprint, "event": event, "kind": kind, "status": status}
    statement = _selected().where(*(source_calls.c[name].in_(some) for name, some in wanted.items() if some))
    if since is not None:
        statement = statement.where(source_calls.c.started_at >= since)
    if until is not None:
        statement = statement.where(source_calls.c.started_at < until)
    if before is not None:
        at, same = source_calls.c.started_at, source_calls.c.id < before.id
        statement = statement.where(and_(at <= before.at, or_(at < before.at, same)))
    rows = conn.execute(statement.order_by(source_calls.c.started_at.desc(), source_calls.c.id.desc()).limit(limit))
    return [_call(row) for row in rows]


def _selected() -> Select[Any]:
    why = [events.c.type.label("event_type"), events.c.subject]
    return select(source_calls, *why).outerjoin(events, events.c.id == source_calls.c.event)


def _call(row: Row[Any]) -> SourceCall:
    values: dict[str, Any] = {name: getattr(row, name) for name in SourceCall.__dataclass_fields__}
    return SourceCall(**values | {"duration": row.duration / MICROSECONDS})
