"""Lists the connections: how each stands, what waits for it, what its budget says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection as Database

from worker.admin.key_budgets import KeyBudget, Window, every
from worker.admin.known import Known, ask
from worker.admin.parts import Parts
from worker.admin.standing import Standing, lacks, standings
from worker.instruments.silence import asking, silences
from worker.instruments.standing import Silence
from worker.store import StoreUnavailable
from worker.store.instruments import gauges, totals

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counts:
    """Events that wait, and that need a person. `oldest`: for how many seconds the oldest one waits; replays don't count."""

    waiting: int = 0
    dead: int = 0
    review: int = 0
    oldest: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One connection. Each part is known, or not, by itself."""

    standing: Standing
    counts: Known[Counts]
    silence: Known[Silence]
    writes: Known[Window]


def listed(parts: Parts) -> Known[Sequence[Row]]:
    found = standing_of_all(parts)
    if found.value is None:
        return Known(None, why=found.why)
    names = [each.name for each in found.value]
    counted = ask(parts.store, lambda conn: counts(conn, names))
    silent = ask(parts.store, lambda conn: silences(conn, names, asking(parts.settings.connections)))
    configured = [name for name in names if name in parts.settings.connections]
    budgets = every(parts, {each.name: each.account for each in found.value}, configured)
    rows = [
        Row(
            standing=each,
            counts=_of(counted, each.name),
            silence=_of(silent, each.name),
            writes=_writes(budgets.get(each.name, Known(KeyBudget()))),
        )
        for each in found.value
    ]
    return Known(rows, found.as_of)


def standing_of_all(parts: Parts) -> Known[Sequence[Standing]]:
    try:
        wrong = lacks(parts)
    except StoreUnavailable:
        return Known(None, why="unavailable")
    return ask(parts.store, lambda conn: standings(conn, parts.settings, wrong))


def counts(conn: Database, names: Sequence[str]) -> Mapping[str, Counts]:
    """From counters and by indexes: no event is looked at."""
    waiting = totals.waiting(totals.totals(conn))
    people = gauges.numbers_for_people(conn)
    oldest = gauges.oldest_waiting(conn, names)
    return {
        name: Counts(
            max(waiting.get(name, 0), 0), people.get((name, "dead"), 0), people.get((name, "review"), 0), oldest[name]
        )
        for name in names
    }


def _of(found: Known[Mapping[str, T]], name: str) -> Known[T]:
    return Known(None, why=found.why) if found.value is None else Known(found.value[name], found.as_of)


def _writes(budget: Known[KeyBudget]) -> Known[Window]:
    return Known(budget.value.writes if budget.value else None, budget.as_of, budget.why)
