"""Lists the events that wait for a person's decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from worker.admin import filters as grammar
from worker.admin.cursors import Place, slice_of
from worker.admin.filters import Filters
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.reviews.texts import id_text, key_text, sentence, type_text
from worker.plan import QualifiedKey
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.tables import events
from worker.store.events import replay
from worker.store.events.events import Event, by_seq

IN_REVIEW: Final = ("review",)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One event in review. `record`: which record a person has to name, and of which connection. `others`: how many events wait for the same decision."""

    id: str
    seq: int
    connection: str
    event_id: str
    type: str
    subject: str
    record: str | None
    reason: str | None
    candidates: Sequence[int]
    since: datetime | None
    received_at: datetime
    others: int


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """The newest first."""

    data: Sequence[Waiting]
    next: str | None
    prev: str | None
    complete: bool
    since: datetime | None
    until: datetime | None


def page(store: Store, wanted: Filters, place: Place, patience: float = PATIENCE) -> Known[WaitingPage]:
    return ask(store, lambda conn: _page(conn, replace(wanted, fate=IN_REVIEW), place), patience)


def others(conn: Connection, event: Event, key: QualifiedKey) -> int:
    """How many besides it are tried again once the key is decided."""
    asked = select(func.count()).where(replay.reviewed(event.connection, event.subject, key), events.c.id != event.id)
    return conn.execute(asked).scalar_one()


def _page(conn: Connection, wanted: Filters, place: Place) -> WaitingPage:
    at = now(conn)
    found = slice_of(conn, events.c.seq, grammar.clauses(wanted, at), place)
    rows = list(reversed(by_seq(conn, found.seqs)))
    waiting = _for_keys(conn, {row.review_key for row in rows if row.review_key is not None})
    since, until = grammar.within(wanted, at)
    data = [_row(row, waiting) for row in rows]
    return WaitingPage(data, found.next, found.prev, complete=True, since=since, until=until)


def _for_keys(conn: Connection, keys: Collection[QualifiedKey]) -> Mapping[QualifiedKey, int]:
    statement = select(events.c.review_key, func.count().label("number")).where(
        events.c.status == "review", events.c.review_key.in_(sorted(keys, key=str))
    )
    return {row.review_key: row.number for row in conn.execute(statement.group_by(events.c.review_key))}


def _row(event: Event, waiting: Mapping[QualifiedKey, int]) -> Waiting:
    asked = event.review_key
    return Waiting(
        id=event.id,
        seq=event.seq,
        connection=event.connection,
        event_id=id_text(event.event_id, masked=True),
        type=type_text(event.type, masked=True),
        subject=id_text(event.subject, masked=True),
        record=None if asked is None else f"{key_text(asked.key, masked=True)} of {asked.connection}",
        reason=sentence(event.reason, masked=True),
        candidates=event.candidates,
        since=event.done_at,
        received_at=event.received_at,
        others=0 if asked is None else max(waiting.get(asked, 1) - 1, 0),
    )
