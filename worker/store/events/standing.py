"""Reads how events stand after a worker had their lane in hand, and what was called for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from worker.store.db.clock import db_now
from worker.store.db.tables import calls, events, lanes
from worker.store.events.events import IN_ORDER, pending_in


@dataclass(frozen=True, slots=True)
class Calls:
    """How many there were for an event, and which records it made or changed: (resource, Upsales id), the first first."""

    number: int = 0
    records: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`due_at`: when its lane is due, while it waits. `held`: a worker has the lane. `parked`: it is a replay that waits for its turn."""

    id: str
    event_id: str
    connection: str
    type: str
    subject: str
    status: str
    reason: str | None = None
    due_at: datetime | None = None
    held: bool = False
    parked: bool = False
    now: datetime
    calls: Calls = field(default_factory=Calls)

    @property
    def waits(self) -> bool:
        return self.status == "pending"

    @property
    def put_off(self) -> bool:
        return self.waits and not self.held and (self.due_at is None or self.due_at > self.now)


def standings(conn: Connection, ids: Collection[str]) -> Sequence[Standing]:
    """Of those that are still stored."""
    of_lane = and_(lanes.c.connection == events.c.connection, lanes.c.subject == events.c.subject)
    shown = [events.c[name] for name in ("id", "event_id", "connection", "type", "subject", "status", "reason")]
    held = and_(lanes.c.owner.is_not(None), lanes.c.lease_until > db_now())
    lane = [lanes.c.due_at, held.label("held"), lanes.c.parked_at.is_not(None).label("parked")]
    statement = select(*shown, *lane, db_now().label("now")).join_from(events, lanes, of_lane, isouter=True)
    rows = conn.execute(statement.where(events.c.id.in_(sorted(ids)))).all()
    made = _calls(conn, [row.id for row in rows if row.status == "delivered"])
    return [
        Standing(**{**row._mapping, "held": bool(row.held)}, calls=made.get(row.id, Calls()))  # noqa: SLF001 - public in all but its name
        for row in rows
    ]


def behind(conn: Connection, connection: str, subject: str, limit: int) -> Sequence[str]:
    """Events that wait in a lane, the first first."""
    waiting = select(events.c.id).where(pending_in(connection, subject))
    return conn.execute(waiting.order_by(*IN_ORDER).limit(limit)).scalars().all()


def _calls(conn: Connection, ids: Collection[str]) -> Mapping[str, Calls]:
    if not ids:
        return {}
    wrote = and_(calls.c.write, calls.c.state == "done", calls.c.record_id.is_not(None)).label("wrote")
    what = [calls.c.event, calls.c.resource, calls.c.record_id, wrote]
    statement = select(*what, func.count().label("number"), func.min(calls.c.id).label("first"))
    rows = conn.execute(statement.where(calls.c.event.in_(ids)).group_by(*what)).all()
    found: dict[str, Calls] = {}
    for row in sorted(rows, key=lambda row: row.first):
        so_far = found.get(row.event, Calls())
        records = [*so_far.records, (row.resource, row.record_id)] if row.wrote else so_far.records
        found[row.event] = Calls(so_far.number + row.number, records)
    return found
