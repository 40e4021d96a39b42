"""Asks the database and Redis for all that is measured, each question within its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog
from prometheus_client.core import Metric
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Connection as Database

from worker.errors import RelayError, Throttled
from worker.instruments import counted, standing
from worker.instruments.catching_up import under_way, unread_senders
from worker.instruments.listening import listening
from worker.instruments.markers import without_marker
from worker.instruments.misconfigured import misconfigured
from worker.instruments.silence import asking, silences
from worker.instruments.standing import Window
from worker.instruments.tokens import known_ends
from worker.keys import Keys
from worker.queue.broker import answers
from worker.settings import Settings
from worker.store import Store, StoreUnavailable
from worker.store.db.engine import ReadTimeout
from worker.store.instruments import gauges, processes, totals
from worker.store.instruments.write_probe import probe
from worker.store.lanes import connections, holds
from worker.upsales.budget import Budget, Past, connect

SECONDS = 0.25
"""For each question."""

log = structlog.get_logger()


def opened(store: Store, settings: Settings, environ: Mapping[str, str]) -> Measure:
    redis = connect(settings.redis_url) if settings.redis_url else None
    return Measure(store, settings, Keys(environ, store), redis)


@dataclass(frozen=True, slots=True)
class Measure:
    """A question that is not answered in time, or by whom nobody can reach, leaves its families out: not known is not 0."""

    store: Store
    settings: Settings
    keys: Keys
    redis: Redis | None

    def families(self) -> Iterator[Metric]:
        yield from self._of_database()
        yield from self._of_redis()

    def _of_database(self) -> Iterator[Metric]:
        ask: Sequence[Callable[[Database], Iterable[Metric]]] = (
            self._counted,
            self._oldest,
            self._people,
            self._connections,
            self._replays,
            self._processes,
            self._silence,
            self._catching_up,
            self._listening,
        )
        reached = True
        for question in ask:
            try:
                yield from self._asked(question)
            except ReadTimeout as error:
                log.warning("a metric is left out", question=question.__name__.strip("_"), reason=str(error))
            except StoreUnavailable as error:
                log.warning("metrics are left out", reason=str(error))
                reached = False
                break
        yield standing.up("database", answers=reached and self._takes())
        if reached:
            wrong = misconfigured(self.settings, self.keys)
            yield standing.misconfigured({name: name in wrong for name in (*self.settings.connections, *wrong)})
            ends = known_ends(self.settings, self.keys)
            yield standing.token_ends({name: each.at for name, each in ends.items()})

    def _asked(self, question: Callable[[Database], Iterable[Metric]]) -> Sequence[Metric]:
        with self.store.read_within(SECONDS) as conn:
            return list(question(conn))

    def _takes(self) -> bool:
        """Whether it takes a webhook's worth of bytes."""
        try:
            probe(self.store)
        except RelayError as error:
            log.warning("the database takes no writes", reason=str(error))
            return False
        return True

    def _counted(self, conn: Database) -> Iterable[Metric]:
        return counted.families(totals.totals(conn), self.settings.connections)

    def _oldest(self, conn: Database) -> Iterable[Metric]:
        yield standing.oldest(gauges.oldest_waiting(conn, connections.by_name(conn, self.settings.connections)))

    def _people(self, conn: Database) -> Iterable[Metric]:
        return standing.of_people(gauges.for_people(conn), self.settings.connections)

    def _connections(self, conn: Database) -> Iterable[Metric]:
        found = connections.by_name(conn, self.settings.connections)
        yield from standing.states(list(found.values()))
        yield standing.markers(
            {name: len(without_marker(conn, self.settings, found[name])) for name in self.settings.connections}
        )

    def _replays(self, conn: Database) -> Iterable[Metric]:
        names = self.settings.connections
        yield standing.replays(gauges.replays_queued(conn), names)
        yield standing.held({name: holds.held(conn, name).lanes for name in names})

    def _processes(self, conn: Database) -> Iterable[Metric]:
        yield from standing.processes(processes.every(conn))
        yield standing.chores(processes.last_runs(conn))

    def _silence(self, conn: Database) -> Iterable[Metric]:
        return standing.silences(silences(conn, list(self.settings.connections), asking(self.settings.connections)))

    def _catching_up(self, conn: Database) -> Iterable[Metric]:
        names = self.settings.connections
        unread = unread_senders(conn, names)
        yield from standing.catching_up(under_way(conn, names), {name: name in unread for name in names})

    def _listening(self, conn: Database) -> Iterable[Metric]:
        return standing.listening(listening(conn, self.settings))

    def _of_redis(self) -> Iterator[Metric]:
        if self.redis is None or not answers(self.redis):
            yield standing.up("redis", answers=False)
            return
        try:
            windows = [window for name in self.settings.connections for window in self._windows(self.redis, name)]
        except (RedisError, OSError, Throttled):
            yield standing.up("redis", answers=False)
            return
        yield standing.up("redis", answers=True)
        yield from standing.budgets(windows)

    def _windows(self, redis: Redis, name: str) -> Iterator[Window]:
        """None for a connection whose key can't be had."""
        try:
            key = self.keys.fingerprint(self.keys.api_key(name))
        except RelayError:
            return
        budget = Budget(redis, key, self.settings.upsales, lambda *_: Past(()))
        for window in budget.left():
            yield Window(name, key, window.kind, window.seconds, window.used, window.left)
