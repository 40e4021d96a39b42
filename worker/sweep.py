"""What nobody rang: lanes that are due, connections to probe, calls to look at again, rows to forget. Harmless if several run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from worker.binding import Binding
from worker.settings import Connection, Delivery, Settings
from worker.store import Store, backlog, connections, retention
from worker.wakeups import UNREACHABLE, Wakeup, Wakeups

log = structlog.get_logger()

BATCHES = 20
PROBE_FIRST = 15.0
PROBE_LONGEST = 300.0
"""Seconds between two questions whether a key is accepted again."""


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
            if self._runs(connection):
                self._ring(connection)
        self.verify()

    def _runs(self, connection: Connection) -> bool:
        with self.store.read() as conn:
            state = connections.get(conn, connection.name)
        return state.runs or (state.paused and self._resumed(connection, state))

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

    def _resumed(self, connection: Connection, state: connections.State) -> bool:
        """Ask whether a paused connection's key works again, with growing pauses between the questions; a new key's at once."""
        key = self.binding.fingerprint(connection)
        pause = min(PROBE_FIRST * 2.0 ** min(state.probes, 16), PROBE_LONGEST)
        if not connections.probing(self.store, connection.name, pause, key):
            return False
        reason = self.binding.probe(connection)
        if reason is not None:
            connections.pause(self.store, connection.name, reason, probe_in=pause, key=key)
            log.warning("connection stays paused", connection=connection.name, reason=reason)
            return False
        connections.resume(self.store, connection.name)
        log.info("connection resumed", connection=connection.name)
        return True


def tidy(store: Store, settings: Delivery) -> None:
    """Forget what is old and settled, and ring what a mistake of ours might have left unrung."""
    for _ in range(BATCHES):
        if not retention.purge(store, keep_events=settings.keep_delivered, keep_calls=settings.keep_calls):
            break
    with store.write() as conn:
        stranded = backlog.rescue(conn)
    if stranded:
        log.error("lanes had events and no due time: they are delivered now", lanes=stranded)
