"""Asks Upsales whether a paused connection's key is accepted again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from worker.errors import Failure, OutcomeUnknown, Unavailable, Waiting
from worker.settings import Connection
from worker.store import Store
from worker.store.lanes import connections
from worker.store.lanes.connections import State
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

    def due(self, connection: Connection, state: State, at: datetime) -> bool:
        """False for what a person paused."""
        if not state.paused or state.probe_at is None:
            return False
        return state.probe_at <= at or state.refused_key not in (None, self.binding.fingerprint(connection))

    def run(self, connection: Connection) -> bool:
        """Whether the connection was resumed."""
        name, key = connection.name, self.binding.fingerprint(connection)
        with self.store.read() as conn:
            state = connections.get(conn, name)
        pause = min(FIRST * 2.0 ** min(state.probes, 16), LONGEST)
        if not connections.take_probe(self.store, name, pause, key):
            return False
        try:
            self.binding.probe(connection)
        except (Unavailable, Waiting, OutcomeUnknown) as failure:
            # It says nothing about the key: the reason stands.
            connections.probe_again(self.store, name, _soon(failure))
            log.info("whether a connection can be resumed was not to be found out", connection=name, why=str(failure))
        except Failure as failure:
            connections.pause(self.store, name, str(failure), probe_in=pause, key=key)
            log.warning("connection stays paused", connection=name, reason=str(failure))
        else:
            connections.resume(self.store, name)
            log.info("connection resumed", connection=name)
            return True
        return False


def _soon(failure: Failure) -> float:
    """When windows are full it is known when they have room; when Upsales is away it is not."""
    return min(max(failure.seconds, 1.0), LONGEST) if isinstance(failure, Waiting) else FIRST
