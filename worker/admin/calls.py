"""Lists and counts the calls to Upsales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from worker.admin import call_filters
from worker.admin.call_filters import CallFilters, clauses, written
from worker.admin.events import MOST_COUNTED, Count
from worker.admin.filters import moment
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.masking import Masking
from worker.store import Store
from worker.store.db.clock import now
from worker.store.ledger import call_pages
from worker.store.ledger.call_pages import Place
from worker.store.ledger.journal import Call


@dataclass(frozen=True, slots=True)
class Row:
    """One call, without what may tell of a person. `key`: the fingerprint. `changed`: the fields that Upsales stored otherwise."""

    id: str
    started_at: datetime
    connection: str
    account: int | None
    key: str
    method: str
    resource: str
    record_id: int | None
    link: str | None
    state: str
    status: int | None
    seconds: float | None
    error: str | None
    changed: Sequence[str]
    event: str | None
    event_type: str | None
    subject: str | None
    looks: int
    verify_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallPage:
    """As `events.EventPage`."""

    data: Sequence[Row]
    next: str | None
    prev: str | None
    complete: bool
    searched_to: datetime | None
    since: datetime | None
    until: datetime | None


def page(store: Store, wanted: CallFilters, place: Place, patience: float = PATIENCE) -> Known[CallPage]:
    return ask(store, lambda conn: _page(conn, wanted, place), patience)


def count(store: Store, wanted: CallFilters, patience: float = PATIENCE) -> Known[Count]:
    """Up to a hundred thousand."""
    return ask(store, lambda conn: _count(conn, wanted), patience)


def shown(call: Call) -> Row:
    masking = Masking()
    return Row(
        id=call.id,
        started_at=call.started_at,
        connection=call.connection,
        account=call.account,
        key=call.fingerprint,
        method=call.method,
        resource=call.resource,
        record_id=call.record_id,
        link=call.key and masking.id(call.key),
        state=call.state,
        status=call.status,
        seconds=None if call.duration is None else round(call.duration, 3),
        error=masking.sentence(call.error),
        changed=sorted(call.changed or ()),
        event=call.event,
        event_type=call.event_type and masking.type(call.event_type),
        subject=call.subject and masking.id(call.subject),
        looks=call.looks,
        verify_at=call.verify_at,
    )


def _page(conn: Connection, wanted: CallFilters, place: Place) -> CallPage:
    at = now(conn)
    found = call_filters.found(conn, wanted, place)
    since, until = (moment(text[0], at) if text else None for text in (wanted.since, wanted.until))
    return CallPage(
        data=[shown(call) for call in found.calls],
        next=written(found.older),
        prev=written(found.newer),
        complete=True,
        searched_to=None,
        since=since,
        until=until,
    )


def _count(conn: Connection, wanted: CallFilters) -> Count:
    found = call_pages.count(conn, clauses(conn, wanted), MOST_COUNTED, apart=not wanted.indexed)
    return Count(min(found, MOST_COUNTED), found <= MOST_COUNTED)
