"""Tells what the last comparisons of senders with Upsales found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from worker.admin.known import PATIENCE, Known, ask
from worker.store import Store
from worker.store.sources import reconciliations
from worker.store.sources.findings import WHATS
from worker.store.sources.reconciliations import Reconciliation

SHOWN: Final = 200
"""Findings of a run. `relay reconcile --json` shows all."""


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """One a connection, the newest first."""

    data: Sequence[Reconciliation]


def page(store: Store, connections: Sequence[str] = (), patience: float = PATIENCE) -> Known[ComparedPage]:
    return ask(store, lambda conn: _page(conn, connections), patience)


def _page(conn: Connection, connections: Sequence[str]) -> ComparedPage:
    return ComparedPage([_shown(each) for each in reconciliations.last(conn, connections)])


def _shown(done: Reconciliation) -> Reconciliation:
    counts = {**dict.fromkeys(("things", *WHATS), 0), **done.counts}
    more = done.more + max(len(done.findings) - SHOWN, 0)
    return replace(done, counts=counts, findings=done.findings[:SHOWN], more=more)
