"""Lists what people did: who, when, what, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from sqlalchemy import ColumnElement, Connection

from worker.admin import filters, parameters
from worker.admin.cursors import Place, slice_of
from worker.admin.known import PATIENCE, Known, ask
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.tables import audit as rows
from worker.store.people import audit
from worker.store.people.audit import Deed

CHECKS: Final[Mapping[str, parameters.Check]] = {
    "who": parameters.anything,
    "act": parameters.anything,
    "about": parameters.anything,
    "since": parameters.time,
    "until": parameters.time,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Several values of one name: any of them. `about`: as a `Deed` has it, such as `connection/butik`."""

    who: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    until: tuple[str, ...] = ()

    def pairs(self) -> Sequence[tuple[str, str]]:
        """As they stand in a URL."""
        return [(name, value) for name in CHECKS for value in getattr(self, name)]


@dataclass(frozen=True, slots=True)
class DeedPage:
    """The newest first. `next`, `prev`: where older and newer ones begin."""

    data: Sequence[Deed]
    next: str | None
    prev: str | None
    since: datetime | None
    until: datetime | None


def parse(pairs: Iterable[tuple[str, str]], *, also: Sequence[str] = ()) -> Filters:
    """Raises InvalidParameters."""
    return Filters(**parameters.parse(pairs, CHECKS, also=also))


def page(store: Store, wanted: Filters, place: Place, patience: float = PATIENCE) -> Known[DeedPage]:
    return ask(store, lambda conn: listed(conn, wanted, place), patience)


def listed(conn: Connection, wanted: Filters, place: Place) -> DeedPage:
    at = now(conn)
    since, until = (filters.moment(text[0], at) if text else None for text in (wanted.since, wanted.until))
    values = {"who": wanted.who, "act": wanted.act, "about": wanted.about}
    clauses: list[ColumnElement[bool]] = [rows.c[name].in_(some) for name, some in values.items() if some]
    if since is not None:
        clauses.append(rows.c.at >= since)
    if until is not None:
        clauses.append(rows.c.at < until)
    found = slice_of(conn, rows.c.seq, clauses, place)
    return DeedPage(audit.by_seq(conn, found.seqs), found.next, found.prev, since, until)


def path_of(about: str) -> str | None:
    """The page of what something was done to; None where there is none."""
    kind, _, rest = about.partition("/")
    places = {
        "event": "/events/", "batch": "/batches/", "connection": "/connections/", "record": "/records/",
        "erasure": "/forget/", "review": "/review/",
    }  # fmt: skip
    return f"{places[kind]}{quote(rest)}" if kind in places and rest else None
