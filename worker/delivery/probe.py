"""Asks whether the key or token that paused a connection is accepted again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from worker.delivery import refused_token
from worker.delivery.asking import Readers, no_reader
from worker.delivery.refused_token import told
from worker.errors import Failure, OutcomeUnknown, SourceForbidden, Unavailable, Waiting
from worker.settings import Connection
from worker.store import Store
from worker.store.lanes import connections
from worker.store.lanes.connections import SOURCE, State
from worker.upsales.accounts import Binding

log = structlog.get_logger()

FIRST = 15.0
LONGEST = 300.0
"""Seconds between two questions."""


@dataclass(frozen=True, slots=True)
class Probing:
    """Resumes connections. `GET /self` may take its whole deadline: a task of its own."""

    store: Store
    binding: Binding
    readers: Readers = no_reader

    def due(self, connection: Connection, state: State, at: datetime) -> bool:
        """False for what a person paused."""
        if not state.paused or state.probe_at is None:
            return False
        if state.refused_by == SOURCE:
            return state.probe_at <= at
        return state.probe_at <= at or state.refused_key not in (None, self.binding.fingerprint(connection))

    def run(self, connection: Connection) -> bool:
        """Whether the connection was resumed."""
        name = connection.name
        with self.store.read() as conn:
            state = connections.get(conn, name)
        by = state.refused_by
        key = None if by == SOURCE else self.binding.fingerprint(connection)
        pause = min(FIRST * 2.0 ** min(state.probes, 16), LONGEST)
        if not connections.take_probe(self.store, name, pause, key):
            return False
        try:
            self._probe(connection, by)
        except (Unavailable, Waiting, OutcomeUnknown) as failure:
            # It says nothing about the key: the reason stands.
            connections.probe_again(self.store, name, _soon(failure))
            log.info("whether a connection can be resumed was not to be found out", connection=name, why=str(failure))
        except Failure as failure:
            reason = told(connection, failure) if isinstance(failure, SourceForbidden) else str(failure)
            connections.pause(self.store, name, reason, probe_in=pause, key=key, by=by)
            log.warning("connection stays paused", connection=name, reason=reason)
        else:
            connections.resume(self.store, name)
            log.info("connection resumed", connection=name)
            return True
        return False

    def _probe(self, connection: Connection, by: str | None) -> None:
        if by == SOURCE:
            refused_token.probe(self.store, self.readers, connection)
        else:
            self.binding.probe(connection)


def _soon(failure: Failure) -> float:
    """When windows are full it is known when they have room; when Upsales is away it is not."""
    return min(max(failure.seconds, 1.0), LONGEST) if isinstance(failure, Waiting) else FIRST
