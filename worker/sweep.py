"""What nobody rang: lanes that are due, connections to probe, calls to look at again, rows to forget. Harmless if several run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from worker.binding import Binding
from worker.settings import Connection, Settings
from worker.store import Store, backlog, connections
from worker.wakeups import UNREACHABLE, Wakeup, Wakeups

log = structlog.get_logger()

PROBE_LONGEST = 300.0


@dataclass(frozen=True, slots=True)
class Sweep:
    """One pass over everything that may have been left lying."""

    store: Store
    settings: Settings
    wakeups: Wakeups
    binding: Binding
    verify: Callable[[], None]

    def run(self) -> None:
        for connection in self.settings.connections.values():
            self._probe(connection)
            if connections.is_open(self.store, connection.name):
                self._ring(connection)
        self.verify()

    def _ring(self, connection: Connection) -> None:
        """Top the connection's messages up to its bound: urgent lanes first, then those that are due longest."""
        try:
            room = self.wakeups.room(connection.name)
            if room <= 0:
                return
            with self.store.write() as conn:
                due = backlog.due(conn, connection.name, room, self.settings.delivery.ring_again)
            self.wakeups.ring([Wakeup(lane.event, lane.connection, lane.type, lane.priority) for lane in due])
        except UNREACHABLE as error:
            log.warning("redis is away: lanes are rung when it is back", error=type(error).__name__)

    def _probe(self, connection: Connection) -> None:
        """Ask whether a paused or broken connection works again, with growing pauses."""
        if not connections.claim_probe(self.store, connection.name, longest=PROBE_LONGEST):
            return
        reason = self.binding.probe(connection)
        if reason is None:
            connections.resume(self.store, connection.name)
            log.info("connection resumed", connection=connection.name)
        else:
            log.warning("connection stays paused", connection=connection.name, reason=reason)
