"""Reads which events are meant: one grammar for pages, admin API and commands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Connection

from worker.errors import RelayError, did_you_mean
from worker.logs.reasons import REASONS
from worker.store.db.statuses import STATUSES
from worker.store.events.chosen import NO_CODE, Chosen, coded, held_of_waiting
from worker.store.events.moments import bounds
from worker.store.events.stretches import Check, Wanted
from worker.store.terms.keys import from_hexadecimal

WAITING: Final = "waiting"
HELD: Final = "held"
"""Of what waits: a person holds it back."""
_FATE_OF: Final = {status: WAITING if status == "pending" else status for status in STATUSES}
FATES: Final = (*_FATE_OF.values(), HELD)
CODES: Final = (*REASONS, NO_CODE)
BATCH: Final = re.compile(r"b-([1-9][0-9]{0,17})")
SPAN: Final = re.compile(r"([1-9]\d{0,3})([smhdw])")
TERM: Final = re.compile(r"(e-mail|organisation-number|subject|text):[0-9a-f]{16}")
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST: Final = 255
MOST: Final = 50
EARLIEST: Final = 1970
LATEST: Final = 9000


@dataclass(frozen=True, slots=True)
class Fault:
    parameter: str
    detail: str


class InvalidParameters(RelayError):
    """What was asked for is not understood, and was not run without it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Several values of one name: any of them.

    `since` and `until` as they were written, such as `24h`; see `within`. `term`: what kind of value, and its keyed hash, such as
    `e-mail:9f2c41d07ab3e855`; `field`: where in the payload it has to stand, such as `order.number`, or the end of that.
    """

    connection: tuple[str, ...] = ()
    fate: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    field: str | None = None
    term: tuple[str, ...] = ()

    def pairs(self) -> Sequence[tuple[str, str]]:
        """As they stand in a URL."""
        found: list[tuple[str, str]] = []
        for each in fields(self):
            value = getattr(self, each.name)
            found += [(each.name, one) for one in ((value,) if isinstance(value, str) else value or ())]
        return found

    def query(self) -> str:
        return urlencode(self.pairs())

    def __bool__(self) -> bool:
        return bool(self.pairs())


NAMES: Final = tuple(each.name for each in fields(Filters))
SEVERAL: Final = frozenset(each.name for each in fields(Filters) if each.default == ())


def parse(pairs: Iterable[tuple[str, str]], *, also: Collection[str] = ()) -> Filters:
    """`also`: names that mean something else to whoever asks. Raises InvalidParameters."""
    faults: list[Fault] = []
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in also:
            continue
        fault = _fault(name, value, given.get(name, ()), (*NAMES, *also))
        if fault:
            faults.append(Fault(name, fault))
        else:
            given.setdefault(name, []).append(value)
    if "field" in given and "term" not in given:
        faults.append(Fault("field", "says where a term stands: give that, too"))
    if faults:
        raise InvalidParameters(faults)
    found: dict[str, tuple[str, ...] | str] = {
        name: tuple(dict.fromkeys(values)) if name in SEVERAL else values[0] for name, values in given.items()
    }
    return Filters(**found)  # type: ignore[arg-type] # each name has the type that SEVERAL says


def _fault(name: str, value: str, before: Collection[str], known: Collection[str]) -> str | None:
    if name not in NAMES:
        return f"no such filter; {did_you_mean(name, known)}"
    if not value:
        return "is empty; leave it out"
    if len(value) > LONGEST or not can_be_stored(value):
        return f"at most {LONGEST} characters, and no NUL"
    if before and (name not in SEVERAL or len(before) >= MOST):
        return "is given twice" if name not in SEVERAL else f"at most {MOST} of them"
    return _misread(name, value)


def can_be_stored(text: str) -> bool:
    """PostgreSQL stores no NUL, and nobody half a character."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _misread(name: str, value: str) -> str | None:
    if name == "fate" and value not in FATES:
        return f"{value!r} is no fate; {did_you_mean(value, FATES)}"
    if name == "reason" and value not in CODES:
        return f"{value!r} is no code of a reason; {did_you_mean(value, CODES)}"
    if name == "batch" and BATCH.fullmatch(value) is None:
        return f"{value!r} is no batch; write it as b-42"
    if name in ("since", "until") and not _span(value) and _moment(value) is None:
        return f"{value!r} is no time. Use 24h, 7d or 2026-11-26T08:00Z"
    if name == "term" and not TERM.fullmatch(value):
        return "is no term; `POST /api/v1/searches` answers the one of a value"
    return None


def fate_of(status: str) -> str:
    """What people call it."""
    return _FATE_OF.get(status, status)


def term_of(text: str) -> int:
    """The hash as it is stored."""
    return from_hexadecimal(text.rpartition(":")[2])


def moment(text: str, at: datetime) -> datetime:
    """What a time means at this moment: `24h` is so long ago."""
    span = _span(text)
    if span:
        return at - span
    found = _moment(text)
    assert found is not None, "only what `parse` took is asked"
    return found


def within(filters: Filters, at: datetime) -> tuple[datetime | None, datetime | None]:
    """From when on, and until when, as of this moment."""
    since, until = (None if text is None else moment(text, at) for text in (filters.since, filters.until))
    return since, until


def chosen(filters: Filters, at: datetime) -> Chosen:
    """What is meant, as of this moment.

    In which field a term stands no column tells: raises InvalidParameters, so that nothing more is taken than was asked for.
    """
    if filters.field is not None:
        raise InvalidParameters([Fault("field", "can be searched by, and nothing else can be done by it")])
    since, until = within(filters, at)
    return Chosen(
        connection=filters.connection,
        status=_statuses(filters),
        type=filters.type,
        subject=filters.subject,
        reason=filters.reason,
        held=_held(filters),
        batch=_batches(filters),
        term=tuple(map(term_of, filters.term)),
        since=since,
        until=until,
    )


def clauses(filters: Filters, at: datetime) -> Sequence[ColumnElement[bool]]:
    """Of events. Each list that is kept in the order of `seq` can go on from a place. Raises as `chosen`."""
    return chosen(filters, at).clauses()


def wanted(conn: Connection, filters: Filters, at: datetime, check: Check | None = None) -> Wanted:
    """The same for a search that goes by the best index. `check`: of a search by a term."""
    return Wanted(
        connections=filters.connection,
        statuses=_statuses(filters),
        types=filters.type,
        subjects=filters.subject,
        terms=tuple(map(term_of, filters.term)),
        batches=_batches(filters),
        others=(
            *((coded(filters.reason),) if filters.reason else ()),
            *((held_of_waiting(),) if _held(filters) else ()),
        ),
        times=bounds(conn, *within(filters, at)),
        check=check,
    )


def _statuses(filters: Filters) -> tuple[str, ...]:
    return tuple(dict.fromkeys("pending" if fate in (WAITING, HELD) else fate for fate in filters.fate))


def _held(filters: Filters) -> bool:
    """Whether of what waits only that is meant."""
    return HELD in filters.fate and WAITING not in filters.fate


def _batches(filters: Filters) -> tuple[int, ...]:
    return tuple(int(batch.removeprefix("b-")) for batch in filters.batch)


def _span(text: str) -> timedelta | None:
    found = SPAN.fullmatch(text)
    return timedelta(seconds=int(found[1]) * UNITS[found[2]]) if found else None


def _moment(text: str) -> datetime | None:
    """Without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
        at = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # Room to reckon with it.
    return at if EARLIEST <= at.year <= LATEST else None
