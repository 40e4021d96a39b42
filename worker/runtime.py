"""The worker's real parts, wired once a process: store, keys, budgets, Upsales, wake-ups, delivery."""

from __future__ import annotations

import os
import random
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ulid import ULID

from worker.alarm import Alarm
from worker.binding import Binding
from worker.budget import Budget, connect, journalled
from worker.delivery import Delivery
from worker.errors import ConfigError
from worker.finding import Access, Timing
from worker.keys import Keys
from worker.settings import Connection, Settings
from worker.store import Store, journal, open_store
from worker.store.lanes import Claim
from worker.store.ledger import SqlLedger
from worker.sweep import Sweep
from worker.upsales import Read, Upsales
from worker.wakeups import Wakeups

if TYPE_CHECKING:
    from redis import Redis


class Runtime:
    """Safe to share between threads. Nothing is connected before it is used."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.store = open_store(settings.database_url)
        self.keys = Keys(environ, self.store)
        self.binding = Binding(self.store, self.keys, self.upsales)
        self._clients: dict[str, Upsales] = {}
        self._lock = threading.Lock()

    @cached_property
    def redis(self) -> Redis:
        return connect(self._redis_url)

    @cached_property
    def wakeups(self) -> Wakeups:
        return Wakeups(self._redis_url, self.settings.delivery.queue_bound)

    @cached_property
    def delivery(self) -> Delivery:
        return Delivery(
            store=self.store,
            settings=self.settings,
            owner=f"{socket.gethostname()[:32]}:{os.getpid()}:{ULID()}"[:64],
            open_access=self.access,
            confirm_key=self.binding.confirmed,
            short=self.wakeups.short,
            ring_in=Alarm(Wakeups(self._redis_url, self.settings.delivery.queue_bound).ring).set,
            chance=random.random,
        )

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(self.store, self.settings, self.wakeups, self.binding, lambda: None)

    def upsales(self, connection: Connection) -> Upsales:
        """The connection's one client. Its key is looked up at each call."""
        with self._lock:
            if connection.name not in self._clients:
                self._clients[connection.name] = self._client(connection)
            return self._clients[connection.name]

    def access(self, connection: Connection, claim: Claim) -> Access:
        """Upsales and the ledger for one claim. Raises Unauthorized when the key may not be used."""
        bound = self.binding.of(connection)
        event = claim.events[-1].id
        ledger = SqlLedger(
            self.store,
            claim.fence,
            account=bound.account,
            fingerprint=bound.fingerprint,
            event=event,
            horizon=self.settings.upsales.commit_horizon,
        )
        replayed = any(waiting.replay for waiting in claim.events)
        return Access(self.upsales(connection).on_behalf(event, notify=not replayed), ledger, self.timing)

    @property
    def timing(self) -> Timing:
        upsales = self.settings.upsales
        return Timing(search_lag=upsales.search_lag, horizon=upsales.commit_horizon, call_timeout=upsales.call_timeout)

    def _client(self, connection: Connection) -> Upsales:
        settings, name = self.settings.upsales, connection.name

        def fingerprint() -> str:
            return self.keys.fingerprint(self.keys.api_key(name))

        return Upsales(
            base_url=settings.base_url,
            key=lambda: self.keys.api_key(name),
            journal=ReadJournal(self.store, name, fingerprint),
            budget=Budget(self.redis, fingerprint, settings, journalled(self.store, name)),
            scope=connection.writes or connection.connector.writes,
            external_id_alias=settings.external_id,
            org_no_alias=settings.org_no,
            call_timeout=settings.call_timeout,
            auth=settings.auth,
        )

    @property
    def _redis_url(self) -> str:
        if self.settings.redis_url is None:
            raise ConfigError("REDIS_URL is not set: workers need Redis for wake-ups and call windows")
        return self.settings.redis_url


@dataclass(frozen=True, slots=True)
class ReadJournal:
    """Writes a connection's reads down, after each."""

    store: Store
    connection: str
    fingerprint: Callable[[], str]

    def read(self, read: Read) -> None:
        reading = journal.Reading(
            connection=self.connection,
            fingerprint=self.fingerprint(),
            resource=read.what or read.path,
            record_id=read.record_id,
            event=read.event,
            method=read.method,
        )
        journal.noted(self.store, reading, status=read.status, duration=read.duration or 0.0, error=read.error)
