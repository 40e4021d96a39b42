"""Does what each kind of Celery message asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial

import structlog

from worker.alerts.watch import Watch
from worker.delivery.catch_up import CatchUp
from worker.delivery.cleanup import tidy
from worker.delivery.fates import away, passed_over
from worker.delivery.lane import Delivery
from worker.delivery.probe import Probing
from worker.delivery.process_lock import ProcessLock
from worker.delivery.recheck import Rechecks
from worker.delivery.reports import Reports
from worker.delivery.searchable import make_searchable
from worker.delivery.sweep import Sweep
from worker.queue.fate import Fate
from worker.queue.singletons import (
    BACKFILL,
    CATCH_UP,
    PROBE,
    RECHECK,
    RENEW,
    SEARCH,
    SWEEP,
    TIDY,
    WATCH,
    Singletons,
    name_of,
)
from worker.queue.turns import Turns
from worker.queue.wakeups import UNREACHABLE, Wakeup, Wakeups
from worker.settings import Connection, Settings
from worker.store import Store, StoreUnavailable
from worker.store.events import events
from worker.store.events.events import Place
from worker.store.instruments.processes import ran

log = structlog.get_logger()


class Jobs:
    """Messages may come twice, pile up or be about what is gone: that makes nothing be done twice at a time."""

    def __init__(
        self,
        *,
        store: Store,
        settings: Settings,
        wakeups: Wakeups,
        singletons: Singletons,
        delivery: Delivery,
        sweep: Sweep,
        probing: Probing,
        rechecks: Rechecks,
        watch: Watch,
        backfilling: Callable[[Connection], object],
        catching_up: CatchUp,
        renewing: Callable[[Connection], object],
    ) -> None:
        self._store = store
        self._settings = settings
        self._wakeups = wakeups
        self._singletons = singletons
        self._delivery = delivery
        self._sweep = sweep
        self._probing = probing
        self._rechecks = rechecks
        self._watch = watch
        self._backfilling = backfilling
        self._catching_up = catching_up
        self._renewing = renewing
        self._reports = Reports(store, settings.connections)
        self._lock = ProcessLock()
        self._turns = Turns(self._waiting)

    def deliver(self, event: str) -> Sequence[Fate]:
        """Deliver the lane of an event that waits; nothing to do when another worker already has. Answers what became of its events."""
        try:
            with self._store.read() as conn:
                place = events.place(conn, event)
            if place is None or place.status != "pending":
                # Of an event that is gone nothing tells the connection.
                self._taken(event, *(self._settings.connections if place is None else (place.connection,)))
                return self._reports.found_ended(event)
            with self._turns.turn(place.connection, priority=place.priority) as mine:
                if not mine and self._passed_over(event, place):
                    return [passed_over(event)]
                self._taken(event, place.connection)
                claimed = self._run(place)
            return self._reports.worked_on(event, claimed)
        except StoreUnavailable as error:
            log.warning("the database is away: the lane is rung again", error=str(error))
            _tell(lambda: self._wakeups.in_vain(event, *self._settings.connections))
            return [away(event)]

    def _run(self, place: Place) -> Sequence[str]:
        over = partial(self._turns.over, place.connection, priority=place.priority)
        return self._delivery.run(place.connection, place.subject, over)

    def _passed_over(self, event: str, place: Place) -> bool:
        """Whether its message went to the end of the queue. If that can't be, it is worked on now."""
        with suppress(*UNREACHABLE):
            self._wakeups.pass_over(
                Wakeup(event, place.connection, place.type, place.priority, place.event_id, place.subject)
            )
            return True
        return False

    def _taken(self, event: str, *connections: str) -> None:
        """Its place is free. Where half of them are, and more lanes are due, those are rung without waiting for the sweep."""
        try:
            if self._wakeups.taken(event, *connections):
                for connection in connections:
                    self._sweep.top_up(connection)
        except UNREACHABLE as error:
            log.info("redis could not be told that a message was taken", error=type(error).__name__)

    def _waiting(self, priority: bool) -> Collection[str]:  # noqa: FBT001 - the port's signature
        """While Redis is away nobody is known to wait."""
        with suppress(*UNREACHABLE):
            return self._wakeups.waiting(self._settings.connections, priority=priority)
        return ()

    def sweep(self) -> None:
        self._once(SWEEP, self._swept)

    def _swept(self) -> None:
        self._sweep.run()
        ran(self._store, "sweep")

    def tidy(self) -> None:
        self._once(TIDY, self._tidied)

    def _tidied(self) -> None:
        repeats_for = {name: each.connector.repeats_for for name, each in self._settings.connections.items()}
        tidy(self._store, self._settings.delivery, repeats_for)
        ran(self._store, "tidy")

    def watch(self) -> None:
        self._once(WATCH, self._watch.run)

    def search(self) -> None:
        self._once(SEARCH, lambda: make_searchable(self._store, self._settings.connections))

    def probe(self, connection: str) -> None:
        self._once_for(PROBE, connection, self._probing.run)

    def backfill(self, connection: str) -> None:
        self._once_for(BACKFILL, connection, self._backfilling)

    def catch_up(self, connection: str) -> None:
        self._once_for(CATCH_UP, connection, self._catching_up.run)

    def renew(self, connection: str) -> None:
        self._once_for(RENEW, connection, self._renewing)

    def recheck(self, connection: str) -> None:
        self._once(name_of(RECHECK, connection), lambda: self._rechecks.run(connection))

    def _once_for(self, task: str, connection: str, work: Callable[[Connection], object]) -> None:
        """A connection that is no longer set up is nobody's concern."""

        def work_for_it() -> None:
            found = self._settings.connections.get(connection)
            if found is not None:
                work(found)

        self._once(name_of(task, connection), work_for_it)

    def _once(self, singleton: str, work: Callable[[], object]) -> None:
        _tell(lambda: self._singletons.begun(singleton))
        with self._lock.only_here(singleton) as free:
            if not free:
                return
            try:
                work()
            except StoreUnavailable as error:
                log.warning("the database is away: done again later", singleton=singleton, error=str(error))


def _tell(say: Callable[[], None]) -> None:
    """What can't be told to Redis now it finds out later."""
    try:
        say()
    except UNREACHABLE as error:
        log.info("redis could not be told that a message was taken", error=type(error).__name__)
