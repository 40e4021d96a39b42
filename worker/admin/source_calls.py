"""Lists what was read of senders' APIs: one grammar for page, admin API and command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from worker.admin import call_filters, parameters
from worker.admin.call_filters import written
from worker.admin.filters import moment
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.masking import Masking
from worker.store import Store
from worker.store.db.clock import now
from worker.store.ledger import source_calls
from worker.store.ledger.call_pages import Place, Spot
from worker.store.ledger.source_calls import SourceCall

NAMES: Final = ("connection", "key", "kind", "event", "status", "since", "until")
CHECKS: Final[Mapping[str, parameters.Check]] = {
    name: call_filters.CHECKS.get(name, parameters.anything) for name in NAMES
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Several values of one name: any of them. `key`: fingerprints of tokens. `kind`: of things."""

    connection: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    until: tuple[str, ...] = ()

    def pairs(self) -> Sequence[tuple[str, str]]:
        """As they stand in a URL."""
        return [(name, value) for name in NAMES for value in getattr(self, name)]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading. `key`: the token's fingerprint. `thing`: its id without what may name somebody; None for a list. `code`: of its failure."""

    id: str
    started_at: datetime
    connection: str
    key: str
    kind: str
    thing: str | None
    status: int | None
    seconds: float
    code: str | None
    event: str | None
    event_type: str | None
    subject: str | None


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """The newest first. `next`: where older ones begin."""

    data: Sequence[Reading]
    next: str | None
    since: datetime | None
    until: datetime | None


def parse(pairs: Iterable[tuple[str, str]], *, also: Sequence[str] = ()) -> Filters:
    """Raises InvalidParameters."""
    return Filters(**parameters.parse(pairs, CHECKS, also=also))


def page(store: Store, wanted: Filters, place: Place, patience: float = PATIENCE) -> Known[ReadingPage]:
    return ask(store, lambda conn: _page(conn, wanted, place), patience)


def found(conn: Connection, wanted: Filters, place: Place) -> Sequence[SourceCall]:
    """A moment is that of the reading."""
    since, until = _within(conn, wanted)
    return source_calls.listed(
        conn,
        connection=wanted.connection,
        fingerprint=wanted.key,
        kind=wanted.kind,
        event=wanted.event,
        status=[int(status) for status in wanted.status],
        since=since,
        until=until,
        before=place.before,
        limit=place.limit,
    )


def shown(call: SourceCall, masking: Masking) -> Reading:
    return Reading(
        id=call.id,
        started_at=call.started_at,
        connection=call.connection,
        key=call.fingerprint,
        kind=call.kind,
        thing=call.thing,
        status=call.status,
        seconds=round(call.duration, 3),
        code=call.code,
        event=call.event,
        event_type=call.event_type and masking.type(call.event_type),
        subject=call.subject and masking.id(call.subject),
    )


def _page(conn: Connection, wanted: Filters, place: Place) -> ReadingPage:
    calls = found(conn, wanted, Place(place.limit + 1, before=place.before))
    listed = calls[: place.limit]
    more = written(Spot(listed[-1].started_at, listed[-1].id)) if len(calls) > place.limit else None
    return ReadingPage([shown(call, Masking()) for call in listed], more, *_within(conn, wanted))


def _within(conn: Connection, wanted: Filters) -> tuple[datetime | None, datetime | None]:
    at = now(conn)
    since, until = (moment(text[0], at) if text else None for text in (wanted.since, wanted.until))
    return since, until
