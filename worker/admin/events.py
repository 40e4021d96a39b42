"""Lists and counts events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from worker.admin import filters as grammar
from worker.admin.cursors import Place, written
from worker.admin.filters import Filters
from worker.admin.known import PATIENCE, Known, ask
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.tables import events
from worker.store.events.events import Event, by_seq

MOST_COUNTED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One event of a list.

    `next_attempt`: while it waits. `took`: seconds until its end. `held`: a person holds it back. `code`: of the reason, once it ended.
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
    priority: bool
    held: bool
    attempts: int
    received_at: datetime
    next_attempt: datetime | None
    took: float | None


@dataclass(frozen=True, slots=True)
class EventPage:
    """The newest first. `next`, `prev`: where older and newer ones begin. `complete`: whether all that was asked for was searched."""

    data: Sequence[Row]
    next: str | None
    prev: str | None
    complete: bool
    searched_to: datetime | None
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Count:
    """`exact`: else there are more than so many."""

    count: int
    exact: bool


def page(store: Store, wanted: Filters, place: Place, patience: float = PATIENCE) -> Known[EventPage]:
    return ask(store, lambda conn: _page(conn, wanted, place), patience)


def count(store: Store, wanted: Filters, patience: float = PATIENCE) -> Known[Count]:
    """Up to a hundred thousand."""
    return ask(store, lambda conn: _count(conn, wanted), patience)


def _page(conn: Connection, wanted: Filters, place: Place) -> EventPage:
    at = now(conn)
    statement = select(events.c.seq).where(*grammar.clauses(wanted, at)).limit(place.limit + 1)
    if place.after is not None:
        statement = statement.where(events.c.seq > place.after).order_by(events.c.seq)
    else:
        statement = statement.order_by(events.c.seq.desc())
        if place.before is not None:
            statement = statement.where(events.c.seq < place.before)
    seqs = list(conn.execute(statement).scalars())
    more, seqs = len(seqs) > place.limit, seqs[: place.limit]
    if place.after is not None:
        seqs.reverse()
    older = more if place.after is None else bool(seqs)
    newer = more if place.after is not None else place.before is not None
    since, until = grammar.within(wanted, at)
    rows = [row_of(event) for event in reversed(by_seq(conn, seqs))]
    return EventPage(
        data=rows,
        next=written(seqs[-1]) if older and seqs else None,
        prev=written(seqs[0]) if newer and seqs else None,
        complete=True,
        searched_to=None,
        since=since,
        until=until,
    )


def row_of(event: Event) -> Row:
    return Row(
        id=event.id,
        seq=event.seq,
        connection=event.connection,
        event_id=event.event_id,
        type=event.type,
        subject=event.subject,
        fate=grammar.WAITING if event.status == "pending" else event.status,
        reason=event.reason,
        code=event.reason_code,
        priority=event.priority,
        held=event.held_at is not None,
        attempts=event.attempts,
        received_at=event.received_at,
        next_attempt=None if event.held_at is not None else event.next_attempt,
        took=None if event.done_at is None else max((event.done_at - event.received_at).total_seconds(), 0.0),
    )


def _count(conn: Connection, wanted: Filters) -> Count:
    some = select(events.c.seq).where(*grammar.clauses(wanted, now(conn))).limit(MOST_COUNTED + 1).subquery()
    found = conn.execute(select(func.count()).select_from(some)).scalar_one()
    return Count(min(found, MOST_COUNTED), found <= MOST_COUNTED)
