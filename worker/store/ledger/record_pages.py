"""Reads all that is kept about one record: what it holds, its keys, which events meant it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from worker.store.db.clock import now
from worker.store.db.tables import calls, connections, events, links, records
from worker.store.ledger.call_pages import of_record
from worker.sync.records import Held, unpacked_fields

MOST_EVENTS = 100
MOST_WRITES = 500


@dataclass(frozen=True, slots=True)
class RecordAt:
    """Which record of which account."""

    account: int
    resource: str
    id: int

    @property
    def about(self) -> str:
        """In the audit."""
        return f"record/{self.account}/{self.resource}/{self.id}"


@dataclass(frozen=True, slots=True)
class LinkRow:
    connection: str
    key: str
    state: str
    missing_since: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    id: str
    connection: str
    type: str
    subject: str
    status: str
    time: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """What Upsales made of a value, as the answer to a write said."""

    at: datetime
    value: Any


@dataclass(frozen=True, slots=True)
class Kept:
    """`fields`: None where nothing is kept of what it holds. `stored`: the fields that Upsales last stored otherwise."""

    account_name: str | None
    fields: Mapping[str, Held] | None
    touched_at: datetime | None
    being_written: bool
    links: Sequence[LinkRow]
    events: Sequence[EventRow]
    stored: Mapping[str, Stored] = field(default_factory=dict)


def kept(conn: Connection, at: RecordAt) -> Kept:
    called = of_record(conn, at.account, at.resource, at.id)
    row = conn.execute(select(records).where(_at(records, at))).one_or_none()
    fields = None if row is None else unpacked_fields(row.fields)
    name = select(connections.c.account_name).where(connections.c.account == at.account).limit(1)
    return Kept(
        account_name=conn.execute(name).scalar_one_or_none(),
        fields=fields,
        touched_at=None if row is None else row.touched_at,
        being_written=row is not None and row.holder is not None and row.lease_until > now(conn),
        links=_links(conn, at),
        events=_events(conn, called, {held.event for held in (fields or {}).values() if held.event}),
        stored=_stored(conn, called),
    )


def last_stored(conn: Connection, at: RecordAt) -> Mapping[str, Any]:
    """What Upsales made of what it was last sent, by field, where that is something else."""
    return {
        name: stored.value for name, stored in _stored(conn, of_record(conn, at.account, at.resource, at.id)).items()
    }


def _at(table: Any, at: RecordAt) -> ColumnElement[bool]:
    return and_(table.c.account == at.account, table.c.resource == at.resource, table.c.record_id == at.id)


def _links(conn: Connection, at: RecordAt) -> Sequence[LinkRow]:
    columns = (links.c.connection, links.c.key, links.c.state, links.c.missing_since)
    ordered = select(*columns).where(_at(links, at)).order_by(links.c.connection, links.c.created_at, links.c.key)
    return [LinkRow(*row) for row in conn.execute(ordered)]


def _events(conn: Connection, called: ColumnElement[bool], deciding: set[str]) -> Sequence[EventRow]:
    """The newest first: those for which it was called, and those that decided what a field holds."""
    for_it = select(calls.c.event).where(called, calls.c.event.is_not(None)).distinct().limit(MOST_EVENTS * 10)
    ids = deciding | set(conn.execute(for_it).scalars())
    columns = (
        events.c.id, events.c.connection, events.c.type, events.c.subject, events.c.status, events.c.time,
        events.c.received_at,
    )  # fmt: skip
    newest = select(*columns).where(events.c.id.in_(sorted(ids))).order_by(events.c.seq.desc()).limit(MOST_EVENTS)
    return [EventRow(*row) for row in conn.execute(newest)]


def _stored(conn: Connection, called: ColumnElement[bool]) -> Mapping[str, Stored]:
    """Of the newest writes: the last word on each field."""
    done = select(calls.c.started_at, calls.c.changed).where(called, calls.c.write, calls.c.state == "done")
    newest = conn.execute(done.order_by(calls.c.started_at.desc()).limit(MOST_WRITES)).all()
    return {
        name: Stored(row.started_at, value) for row in reversed(newest) for name, value in (row.changed or {}).items()
    }
