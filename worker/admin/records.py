"""Tells what the relay knows of one record: who set what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from worker.admin import calls
from worker.admin.call_filters import written
from worker.admin.filters import fate_of
from worker.admin.masking import Masking
from worker.admin.shaped_values import shaped
from worker.store.ledger import call_pages, record_pages
from worker.store.ledger.call_pages import Place
from worker.store.ledger.record_pages import EventRow, Kept, RecordAt
from worker.sync.records import Held


@dataclass(frozen=True, slots=True)
class FieldShown:
    """`sent`: False for what was read in Upsales and never sent. `time`: the event's. `stored`, `stored_at`: what Upsales last made of it."""

    name: str
    value: Any
    sent: bool
    time: datetime | None
    connection: str | None
    event: str | None
    event_type: str | None
    stored: Any
    stored_at: datetime | None


@dataclass(frozen=True, slots=True)
class LinkShown:
    connection: str
    key: str
    state: str
    missing_since: datetime | None


@dataclass(frozen=True, slots=True)
class EventShown:
    """`decided`: the fields that hold what it said."""

    id: str
    connection: str
    type: str
    subject: str
    fate: str
    time: datetime
    received_at: datetime
    decided: Sequence[str]


@dataclass(frozen=True, slots=True)
class CallsShown:
    data: Sequence[calls.Row]
    next: str | None
    prev: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """`masked`: texts show their shape only. `fields` is None where nothing is kept of what it holds."""

    account: int
    account_name: str | None
    resource: str
    id: int
    masked: bool
    touched_at: datetime | None
    being_written: bool
    fields: Sequence[FieldShown] | None
    links: Sequence[LinkShown]
    events: Sequence[EventShown]
    calls: CallsShown


def record(conn: Connection, at: RecordAt, place: Place, *, masked: bool = True) -> Record | None:
    """None where nothing at all is known of it."""
    kept = record_pages.kept(conn, at)
    called = call_pages.page(conn, [call_pages.of_record(conn, at.account, at.resource, at.id)], place, apart=False)
    if kept.fields is None and not kept.links and not called.calls:
        return None
    masking = Masking(masks=masked)
    return Record(
        account=at.account,
        account_name=kept.account_name,
        resource=at.resource,
        id=at.id,
        masked=masked,
        touched_at=kept.touched_at,
        being_written=kept.being_written,
        fields=_fields(kept, masking),
        links=[LinkShown(each.connection, masking.id(each.key), each.state, each.missing_since) for each in kept.links],
        events=[_event(each, kept, masking) for each in kept.events],
        calls=CallsShown([calls.shown(each) for each in called.calls], written(called.older), written(called.newer)),
    )


def _fields(kept: Kept, masking: Masking) -> Sequence[FieldShown] | None:
    if kept.fields is None:
        return None
    types = {each.id: masking.type(each.type) for each in kept.events}
    return [
        _field(name, held, kept, types.get(held.event or ""), masked=masking.masks)
        for name, held in sorted(kept.fields.items())
    ]


def _field(name: str, held: Held, kept: Kept, event_type: str | None, *, masked: bool) -> FieldShown:
    sent, stored = held.event is not None, kept.stored.get(name)
    other = None if stored is None else stored.value
    return FieldShown(
        name=name,
        value=shaped(held.value) if masked else held.value,
        sent=sent,
        time=held.time if sent else None,
        connection=held.connection if sent else None,
        event=held.event,
        event_type=event_type,
        stored=shaped(other) if masked else other,
        stored_at=None if stored is None else stored.at,
    )


def _event(event: EventRow, kept: Kept, masking: Masking) -> EventShown:
    return EventShown(
        id=event.id,
        connection=event.connection,
        type=masking.type(event.type),
        subject=masking.id(event.subject),
        fate=fate_of(event.status),
        time=event.time,
        received_at=event.received_at,
        decided=sorted(name for name, held in (kept.fields or {}).items() if held.event == event.id),
    )
