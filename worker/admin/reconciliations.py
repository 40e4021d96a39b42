"""Tells what the last comparisons of senders with Upsales found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from worker.admin.known import PATIENCE, Known, ask
from worker.store import Store
from worker.store.sources import reconciliations
from worker.store.sources.findings import WHATS, Finding
from worker.store.sources.reconciliations import Reconciliation

SHOWN: Final = 200
"""Findings of a run. `relay reconcile --json` shows all."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The last comparison of one connection. `since`: from when on; null for everything. `whole`: all that was there was looked at.

    `counts`: how many things were looked at (`things`), how many findings there were of each kind, and how many events repair them
    (`repairs`). `findings`: the first of them, and `more` others. None holds a value.
    """

    id: str
    connection: str
    kinds: Sequence[str]
    since: datetime | None
    whole: bool
    repair: bool
    over_people: bool
    by: str
    started_at: datetime
    ended_at: datetime
    counts: Mapping[str, int]
    findings: Sequence[Finding]
    more: int


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """One a connection, the newest first."""

    data: Sequence[Compared]


def page(store: Store, connections: Sequence[str] = (), patience: float = PATIENCE) -> Known[ComparedPage]:
    return ask(store, lambda conn: _page(conn, connections), patience)


def _page(conn: Connection, connections: Sequence[str]) -> ComparedPage:
    return ComparedPage([_shown(each) for each in reconciliations.last(conn, connections)])


def _shown(done: Reconciliation) -> Compared:
    counts = {**dict.fromkeys(("things", *WHATS), 0), **done.counts}
    more = done.more + max(len(done.findings) - SHOWN, 0)
    return Compared(
        id=done.id,
        connection=done.connection,
        kinds=done.kinds,
        since=done.since,
        whole=done.whole,
        repair=done.repair,
        over_people=done.over_people,
        by=done.by,
        started_at=done.started_at,
        ended_at=done.ended_at,
        counts=counts,
        findings=done.findings[:SHOWN],
        more=more,
    )
