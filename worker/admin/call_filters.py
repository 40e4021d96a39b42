"""Reads which calls are meant: one grammar for page, admin API and command."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, or_

from worker.admin import cursors, filters, parameters
from worker.admin.filters import Fault, InvalidParameters
from worker.plan import RESOURCES
from worker.store.db.clock import now
from worker.store.db.tables import EPOCH, calls
from worker.store.ledger.call_pages import Place, Slice, Spot, about, page
from worker.sync.records import MICROSECOND

STATES: Final = ("open", "unknown", "done", "failed", "lost")
FEW: Final = (("open", "unknown"), ("unknown", "failed", "lost"))
RECORD: Final = rf"(?:(?:{'|'.join(RESOURCES)})/)?[0-9]{{1,18}}"
CHECKS: Final[Mapping[str, parameters.Check]] = {
    "connection": parameters.anything,
    "key": parameters.of_form("[0-9a-f]{1,16}", "is no fingerprint of a key"),
    "state": parameters.one_of("state", STATES),
    "resource": parameters.anything,
    "record": parameters.of_form(RECORD, "is no record; write account/4711"),
    "event": parameters.of_form("[0-9A-Za-z]{1,26}", "is no id of an event"),
    "status": parameters.of_form("[1-5][0-9]{2}", "is no HTTP status"),
    "since": parameters.time,
    "until": parameters.time,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilters:
    """Several values of one name: any of them. `key`: fingerprints. `record`: `account/4711`, or the number alone."""

    connection: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    until: tuple[str, ...] = ()

    def pairs(self) -> Sequence[tuple[str, str]]:
        """As they stand in a URL."""
        return [(name, value) for name in CHECKS for value in getattr(self, name)]

    @property
    def indexed(self) -> bool:
        """Whether an index has what is wanted."""
        return bool(self.connection or self.key or self.record or self.event or self.few)

    @property
    def few(self) -> Sequence[str]:
        """The states of which an index has all calls, if only some of these are wanted."""
        return next((some for some in FEW if self.state and set(self.state) <= set(some)), ())


def parse(pairs: Iterable[tuple[str, str]], *, also: Sequence[str] = ()) -> CallFilters:
    """Raises InvalidParameters."""
    return CallFilters(**parameters.parse(pairs, CHECKS, also=also))


def place(after: str | None, before: str | None, limit: str | None) -> Place:
    """Raises InvalidParameters."""
    number = cursors.place(None, None, limit).limit
    if after is not None and before is not None:
        raise InvalidParameters([Fault("after", "stands beside before: give one of them")])
    newer, older = (
        None if text is None else _read(name, text) for name, text in (("after", after), ("before", before))
    )
    return Place(number, newer, older)


def found(conn: Connection, wanted: CallFilters, place: Place) -> Slice:
    return page(conn, clauses(conn, wanted), place, apart=not wanted.indexed)


def clauses(conn: Connection, wanted: CallFilters) -> Sequence[ColumnElement[bool]]:
    """Of calls. A moment is that of the call."""
    at = now(conn)
    values: Mapping[str, Sequence[str | int]] = {
        "connection": wanted.connection,
        "fingerprint": wanted.key,
        "state": wanted.state,
        "resource": wanted.resource,
        "event": wanted.event,
        "status": [int(status) for status in wanted.status],
    }
    found: list[ColumnElement[bool]] = [calls.c[name].in_(some) for name, some in values.items() if some]
    if wanted.few:
        # In the words of the index: else SQLite does not see that it holds them all.
        found.append(calls.c.state.in_(bindparam("few", wanted.few, expanding=True, literal_execute=True)))
    if wanted.record:
        found.append(or_(*(_about(conn, record) for record in wanted.record)))
    found += [calls.c.started_at >= filters.moment(text, at) for text in wanted.since]
    found += [calls.c.started_at < filters.moment(text, at) for text in wanted.until]
    return found


def written(spot: Spot | None) -> str | None:
    if spot is None:
        return None
    micros = (spot.at - EPOCH) // MICROSECOND
    return urlsafe_b64encode(f"c{micros}.{spot.id}".encode()).decode().rstrip("=")


def _read(name: str, text: str) -> Spot:
    """Raises InvalidParameters for what `written` never wrote."""
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        micros, _, call = found.removeprefix("c").partition(".")
        spot = Spot(EPOCH + int(micros) * MICROSECOND, call)
        if written(spot) == text and filters.can_be_stored(call):
            return spot
    except (ValueError, OverflowError):
        pass
    raise InvalidParameters([Fault(name, "is no place in this list; take it from `next` or `prev`")])


def _about(conn: Connection, record: str) -> ColumnElement[bool]:
    resource, _, number = record.rpartition("/")
    return about(conn, resource or None, int(number))
