"""Chooses events by what people ask for, with times fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, literal_column, select

from worker.store.db.tables import EPOCH, events, terms
from worker.store.lanes.holds import in_held_lane

NO_CODE: Final = "none"
"""Asks for those that an earlier release ended."""
MICROSECOND: Final = timedelta(microseconds=1)
COLUMNS: Final = ("connection", "status", "type", "subject", "batch")
OTHERS: Final = (*COLUMNS, "reason", "term")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Several values of one name: any of them; none: all. `held`: of what waits only what a person holds back. `reason`: codes. `term`: `worker.store.terms.keys`. `since`, `until`: when they were received."""

    connection: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    held: bool = False
    type: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    batch: tuple[int, ...] = ()
    term: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def clauses(self) -> Sequence[ColumnElement[bool]]:
        """Of events."""
        found: list[ColumnElement[bool]] = [
            any_of(events.c[name], getattr(self, name)) for name in COLUMNS if getattr(self, name)
        ]
        if self.status and set(self.status) <= {"dead", "review"}:
            # In the words of the partial indexes.
            found.append(literal_column("events.status IN ('dead', 'review')"))
        if self.held:
            found.append(held_of_waiting())
        if self.reason:
            found.append(coded(self.reason))
        if self.term:
            found.append(events.c.seq.in_(select(terms.c.seq).where(terms.c.term.in_(self.term))))
        if self.since is not None:
            found.append(events.c.received_at >= self.since)
        if self.until is not None:
            found.append(events.c.received_at < self.until)
        return found

    def stored(self) -> Mapping[str, Any]:
        """As JSON."""
        times = {name: getattr(self, name) for name in ("since", "until")}
        return {
            **{name: list(getattr(self, name)) for name in OTHERS},
            "held": self.held,
            **{name: time and (time - EPOCH) // MICROSECOND for name, time in times.items()},
        }


def chosen(stored: Mapping[str, Any]) -> Chosen:
    """What `Chosen.stored` wrote."""
    since, until = (stored[name] and EPOCH + stored[name] * MICROSECOND for name in ("since", "until"))
    several: dict[str, Any] = {name: tuple(stored[name]) for name in OTHERS}
    # A batch of an earlier release has no word of it.
    return Chosen(**several, held=stored.get("held", False), since=since, until=until)


def held_of_waiting() -> ColumnElement[bool]:
    """Of events: of those that wait only what a person holds back."""
    return (events.c.status != "pending") | in_held_lane()


def any_of(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)


def coded(codes: Sequence[str]) -> ColumnElement[bool]:
    """Of events: those that ended for one of these reasons."""
    named = [code for code in codes if code != NO_CODE]
    if len(named) == len(codes):
        return any_of(events.c.reason_code, named)
    uncoded: ColumnElement[bool] = events.c.reason_code.is_(None)
    return uncoded | events.c.reason_code.in_(named) if named else uncoded
