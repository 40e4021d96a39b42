"""Reads how events stand after a worker had their lane in hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from worker.store.db.clock import db_now
from worker.store.db.tables import calls, events, lanes
from worker.store.events.events import IN_ORDER, pending_in
from worker.store.readings import readings


@dataclass(frozen=True, slots=True)
class Calls:
    """How many there were for an event, and which records it made or changed: (resource, Upsales id), the first first.

    `reads`: things of its sender's API that it needed.
    """

    number: int = 0
    records: Sequence[tuple[str, int]] = ()
    reads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`due_at`: when its lane is due, while it waits. `held`: a worker has the lane. `parked`: it is a replay that waits for its turn. `kept_back`: a person holds the lane."""

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
    kept_back: bool = False
    now: datetime
    calls: Calls = field(default_factory=Calls)

    @property
    def waits(self) -> bool:
        return self.status == "pending"

    @property
    def put_off(self) -> bool:
        return self.waits and not self.held and (self.kept_back or self.due_at is None or self.due_at > self.now)


# Made once: they are asked after every message.
_OF_LANE = and_(lanes.c.connection == events.c.connection, lanes.c.subject == events.c.subject)
_STANDING = (
    select(
        *(events.c[name] for name in ("id", "event_id", "connection", "type", "subject", "status", "reason")),
        lanes.c.due_at,
        and_(lanes.c.owner.is_not(None), lanes.c.lease_until > db_now()).label("held"),
        lanes.c.parked_at.is_not(None).label("parked"),
        lanes.c.held_at.is_not(None).label("kept_back"),
        db_now().label("now"),
    )
    .join_from(events, lanes, _OF_LANE, isouter=True)
    .where(events.c.id.in_(bindparam("ids", expanding=True)))
)
_CALLS = (
    select(calls.c.event, calls.c.resource, calls.c.record_id, calls.c.write, calls.c.state)
    .where(calls.c.event.in_(bindparam("ids", expanding=True)))
    .order_by(calls.c.id)
)


def standings(conn: Connection, ids: Collection[str]) -> Sequence[Standing]:
    """Of those that are still stored."""
    if not ids:
        return []
    rows = conn.execute(_STANDING, {"ids": sorted(ids)}).all()
    delivered = [row.id for row in rows if row.status == "delivered"]
    made = _calls(conn, delivered)
    if delivered:
        for event, number in readings.counts(conn, delivered).items():
            made = {**made, event: replace(made.get(event, Calls()), reads=number)}
    return [_standing(row, made.get(row.id, Calls())) for row in rows]


def _standing(row: Any, made: Calls) -> Standing:
    fields = {name: getattr(row, name) for name in row._fields}
    return Standing(**fields | {"held": bool(row.held), "kept_back": bool(row.kept_back)}, calls=made)


def behind(conn: Connection, connection: str, subject: str, limit: int) -> Sequence[str]:
    """Events that wait in a lane, the first first."""
    waiting = select(events.c.id).where(pending_in(connection, subject))
    return conn.execute(waiting.order_by(*IN_ORDER).limit(limit)).scalars().all()


def _calls(conn: Connection, ids: Collection[str]) -> Mapping[str, Calls]:
    found: dict[str, Calls] = {}
    for row in conn.execute(_CALLS, {"ids": ids}) if ids else ():
        so_far = found.get(row.event, Calls())
        record = (row.resource, row.record_id)
        new = row.write and row.state == "done" and row.record_id is not None and record not in so_far.records
        found[row.event] = Calls(so_far.number + 1, [*so_far.records, record] if new else so_far.records)
    return found
