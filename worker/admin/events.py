"""Lists and counts events."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from worker.admin import filters as grammar
from worker.admin.cursors import Place, written
from worker.admin.filters import Filters
from worker.admin.hits import Hits
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.masking import Masking
from worker.settings import Connection as Setup
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.tables import events
from worker.store.events import stretches
from worker.store.events.events import Event, by_seq
from worker.store.events.stretches import Found
from worker.store.lanes.connections import by_name
from worker.store.terms.stored import searched_to

NONE: Final[Mapping[str, Setup]] = {}
MOST_COUNTED: Final = 100_000
DROPPED: Final = "dropped"
SEARCHING: Final = 0.4
"""The part of the time after which no further slice is searched: what was found has to be read as well."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event of a list, without what may tell of a person: its request is not read.

    `next_attempt`: while it waits. `took`: seconds until its end. `held`: a person holds it back. `paused`: it waits until its connection goes on. `code`: of the reason, once it ended.
    `found_in`: of a search by a term, the fields that hold it.
    """

    id: str
    seq: int
    connection: str
    event_id: str
    type: str
    subject: str
    fate: str
    reason: str | None
    code: str | None
    urgent: bool
    held: bool
    paused: bool
    attempts: int
    received_at: datetime
    next_attempt: datetime | None
    took: float | None
    found_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """The newest first. `next`, `prev`: where older and newer ones begin.

    `complete`: whether it was searched until the page was full or nothing was left. Else `searched_to` says how far, and `next`
    (`prev`, of a page that goes forth in time) goes on from there. `payloads_to`: of a search by a term, until when payloads can be
    found; None if all can.
    """

    data: Sequence[Row]
    next: str | None
    prev: str | None
    complete: bool
    searched_to: datetime | None
    since: datetime | None
    until: datetime | None
    payloads_to: datetime | None


@dataclass(frozen=True, slots=True)
class Count:
    """`exact`: else there are at least so many."""

    count: int
    exact: bool


def page(
    store: Store,
    wanted: Filters,
    place: Place,
    patience: float = PATIENCE,
    connections: Mapping[str, Setup] = NONE,
) -> Known[EventPage]:
    """`connections`: those that are set up, whose connectors read payloads."""
    until = time.monotonic() + patience * SEARCHING
    return ask(store, lambda conn: _page(conn, wanted, place, until, Hits(conn, connections, wanted)), patience)


def count(
    store: Store, wanted: Filters, patience: float = PATIENCE, connections: Mapping[str, Setup] = NONE
) -> Known[Count]:
    """Up to a hundred thousand, and as far as the time allows."""
    until = time.monotonic() + patience * SEARCHING
    return ask(store, lambda conn: _count(conn, wanted, until, Hits(conn, connections, wanted)), patience)


def _page(conn: Connection, wanted: Filters, place: Place, until: float, hits: Hits) -> EventPage:
    at = now(conn)
    found = stretches.search(
        conn,
        grammar.wanted(conn, wanted, at, hits.check if wanted.term else None),
        after=place.after,
        before=place.before,
        limit=place.limit + 1,
        until=until,
    )
    more, seqs = len(found.seqs) > place.limit, list(found.seqs[: place.limit])
    back = place.after is None
    if not back:
        seqs.reverse()
    # Where it was cut off it goes on from as far as it was searched, not from the last that was found.
    last = found.reached if found.reached is not None else (seqs[-1 if back else 0] if more else None)
    older = last if back else (seqs[-1] if seqs else place.after)
    newer = last if not back else (None if place.before is None else seqs[0] if seqs else place.before)
    since, until_time = grammar.within(wanted, at)
    return EventPage(
        data=_rows(conn, seqs, hits),
        next=None if older is None else written(older),
        prev=None if newer is None else written(newer),
        complete=found.reached is None,
        searched_to=_received(conn, found),
        since=since,
        until=until_time,
        payloads_to=searched_to(conn) if wanted.term else None,
    )


def _rows(conn: Connection, seqs: Sequence[int], hits: Hits) -> Sequence[Row]:
    found = list(reversed(by_seq(conn, seqs)))
    paused = {name for name, state in by_name(conn).items() if state.paused} if found else set()
    return [row_of(event, hits.found_in.get(event.seq, ()), paused) for event in found]


def row_of(event: Event, found_in: tuple[str, ...] = (), paused: Collection[str] = ()) -> Row:
    """`paused`: connections that are."""
    masking = Masking()
    pauses = event.status == "pending" and event.connection in paused
    return Row(
        id=event.id,
        seq=event.seq,
        connection=event.connection,
        event_id=masking.id(event.event_id),
        type=masking.type(event.type),
        subject=masking.id(event.subject),
        fate=grammar.fate_of(event.status),
        # What a person wrote is shown, as in the audit.
        reason=event.reason if event.reason_code == DROPPED else masking.sentence(event.reason),
        code=event.reason_code,
        urgent=event.priority,
        held=event.held_at is not None,
        paused=pauses,
        attempts=event.attempts,
        received_at=event.received_at,
        next_attempt=None if event.held_at is not None or pauses else event.next_attempt,
        took=None if event.done_at is None else max((event.done_at - event.received_at).total_seconds(), 0.0),
        found_in=tuple(masking.name(name) for name in found_in),
    )


def _received(conn: Connection, found: Found) -> datetime | None:
    if found.reached is None:
        return None
    return conn.execute(select(events.c.received_at).where(events.c.seq == found.reached)).scalar_one_or_none()


def _count(conn: Connection, wanted: Filters, until: float, hits: Hits) -> Count:
    """Of hits only those are read again of which a field has to be known."""
    asked = grammar.wanted(conn, wanted, now(conn), hits.check if wanted.field else None)
    number, whole = stretches.count(conn, asked, most=MOST_COUNTED, until=until)
    return Count(min(number, MOST_COUNTED), whole and number <= MOST_COUNTED)
