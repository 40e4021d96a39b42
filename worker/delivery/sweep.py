"""Rings lanes that are due, and calls for probes, rechecks and catching up that are due."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from worker.delivery.catch_up import lists
from worker.queue.singletons import BACKFILL, CATCH_UP, PROBE, RECHECK, RENEW
from worker.queue.wakeups import UNREACHABLE, Wakeup, Wakeups
from worker.settings import Connection, Settings
from worker.store import Store, StoreUnavailable
from worker.store.batches import backfills, steps
from worker.store.db.clock import now
from worker.store.events import replay_rate
from worker.store.lanes import connections, due
from worker.store.lanes.connections import State
from worker.store.ledger import rechecks
from worker.store.sources import cursors

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sweep:
    """One pass over everything that may have been left lying. No connection's trouble keeps the others waiting.

    It asks nothing of Upsales or of senders: that is left to others, whom `call` calls by task and connection. `to_probe` tells whether
    it is time to ask if a paused connection's key is accepted again, `to_renew` whether a connection's grant would lapse.
    """

    store: Store
    settings: Settings
    wakeups: Wakeups
    to_probe: Callable[[Connection, State, datetime], bool]
    call: Callable[[str, str], None]
    to_renew: Callable[[Connection], bool] = lambda _connection: False

    def run(self) -> None:
        with self.store.read() as conn:
            at = now(conn)
            known = connections.by_name(conn, self.settings.connections)
        states = {name: known[name] for name in self.settings.connections}
        with _apart("batches"):
            steps.go_on(self.store)
        try:
            since = self.wakeups.since(at)
        except UNREACHABLE as error:
            log.warning("redis is away: lanes are rung when it is back", error=type(error).__name__)
            return
        for name, state in states.items():
            if state.runs:
                with _apart(name):
                    self.ring(name, since)
        self._call_for_backfills(states)
        self._call_for_probes(states, at)
        self._call_for_rechecks([name for name, state in states.items() if state.runs])
        self._call_for_catching_up()
        self._call_for_renewals()

    def top_up(self, connection: str) -> None:
        """Ring what is due of one connection, if it runs, without waiting for the next sweep."""
        with self.store.read() as conn:
            at, state = now(conn), connections.get(conn, connection)
        if state.runs:
            with _apart(connection):
                self.ring(connection, self.wakeups.since(at))

    def ring(self, connection: str, since: datetime) -> None:
        """Top the connection's messages up to its bound, urgent lanes and others each in their queue: those first that are due longest.

        Only what was sent counts as rung, as of when it was seen to be due.
        """
        urgent, others = (self.wakeups.room(connection, priority=priority) for priority in (True, False))
        bound = self.settings.delivery.queue_bound
        if urgent + others <= 0:
            return
        with self.store.write() as conn:
            replay_rate.let_go(conn, connection)
            at = now(conn)
            lanes = due.due(
                conn,
                connection,
                bound if others else 0,
                self.settings.delivery.ring_again,
                urgent=bound if urgent else 0,
                since=since,
            )
        sent = self.wakeups.ring(
            [
                Wakeup(lane.event, lane.connection, lane.type, lane.priority, lane.event_id, lane.subject)
                for lane in lanes
            ]
        )
        if sent:
            with self.store.write() as conn:
                due.mark_rung(conn, [lane for lane in lanes if lane.event in sent], at)

    def _call_for_backfills(self, states: Mapping[str, State]) -> None:
        with self.store.read() as conn:
            wanted = {each.connection for each in backfills.running(conn)}
        for name in sorted(wanted & states.keys()):
            with _apart(name):
                if states[name].runs:
                    self.call(BACKFILL, name)

    def _call_for_probes(self, states: Mapping[str, State], at: datetime) -> None:
        for name, state in states.items():
            with _apart(name):
                if self.to_probe(self.settings.connections[name], state, at):
                    self.call(PROBE, name)

    def _call_for_rechecks(self, running: Collection[str]) -> None:
        """Of all connections, also of those that are paused or not set up any more: others may wait for what they began."""
        with self.store.read() as conn:
            due = rechecks.connections_due(conn, running, self.settings.upsales.patience)
        for name in due:
            with _apart(name):
                self.call(RECHECK, name)

    def _call_for_catching_up(self) -> None:
        """Of connections that are paused, too: what their senders post is taken all the same."""
        listed = {
            name: (each.catch_up or 0.0, found)
            for name, each in self.settings.connections.items()
            if (found := lists(each))
        }
        if not listed:
            return
        with self.store.read() as conn:
            due = cursors.due(conn, listed)
        for name in due:
            with _apart(name):
                self.call(CATCH_UP, name)

    def _call_for_renewals(self) -> None:
        """Of connections that are paused, too: a person resumes them."""
        for name, connection in self.settings.connections.items():
            with _apart(name):
                if self.to_renew(connection):
                    self.call(RENEW, name)


@contextmanager
def _apart(connection: str) -> Iterator[None]:
    """What goes wrong with one connection stops none of the others; without the database nothing goes on."""
    try:
        yield
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, and kombu raises AttributeErrors when a connection breaks
        log.warning("a connection is swept again later", connection=connection, error=type(error).__name__)
