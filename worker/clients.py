"""The lines to Upsales: one for each key, so that nothing that is under way changes keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from redis import Redis

from worker.budget import Budget, journalled
from worker.errors import ConfigError, Stopping, Unauthorized
from worker.keys import Keys
from worker.settings import Connection
from worker.settings import Upsales as UpsalesSettings
from worker.store import Store, journal
from worker.upsales import Read, Upsales


@dataclass(frozen=True, slots=True)
class Client:
    """Upsales through one key."""

    fingerprint: str
    upsales: Upsales


class Clients:
    """Safe to share between threads. A replaced key gets a line of its own; what is under way ends on the old one.

    No call is begun once it is `stopping`.
    """

    def __init__(
        self,
        settings: UpsalesSettings,
        keys: Keys,
        redis: Redis,
        store: Store,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._redis = redis
        self._store = store
        self._stopping = stopping
        self._clients: dict[str, Client] = {}
        self._replaced: list[Client] = []
        self._accounts: dict[str, int] = {}
        self._lock = threading.Lock()

    def of(self, connection: Connection, *, afresh: bool = False) -> Client:
        """The line of the connection's present key. Raises Unauthorized when it has none. `afresh`: not one that was read before."""
        if afresh:
            self._keys.look_again()
        try:
            key = self._keys.api_key(connection.name)
        except ConfigError as error:
            raise Unauthorized(str(error)) from None
        fingerprint = self._keys.fingerprint(key)
        with self._lock:
            known = self._clients.get(connection.name)
            if known is None or known.fingerprint != fingerprint:
                self._replaced += [known] if known else []
                known = self.with_key(connection, key)
                self._clients[connection.name] = known
            return known

    def with_key(self, connection: Connection, key: str) -> Client:
        """A line for a key that may not be the connection's (yet)."""
        fingerprint = self._keys.fingerprint(key)
        return Client(fingerprint, self._line(connection, key, fingerprint))

    def belongs(self, fingerprint: str, account: int) -> None:
        """Whose key it is: the calls that all keys of an account make in a day are counted together."""
        self._accounts[fingerprint] = account

    def account_of(self, fingerprint: str) -> int | None:
        """As far as this process has heard."""
        return self._accounts.get(fingerprint)

    def close(self) -> None:
        with self._lock:
            for client in (*self._clients.values(), *self._replaced):
                client.upsales.close()
            self._clients.clear()
            self._replaced.clear()

    def _line(self, connection: Connection, key: str, fingerprint: str) -> Upsales:
        settings = self._settings
        budget = Budget(
            self._redis,
            lambda: fingerprint,
            settings,
            journalled(self._store, connection.name),
            account=lambda: str(self._accounts.get(fingerprint, fingerprint)),
        )
        return Upsales(
            base_url=settings.base_url,
            key=lambda: key,
            journal=_Reads(self._store, connection.name, fingerprint),
            budget=_UntilStopped(budget, self._stopping),
            scope=connection.writes,
            external_id_alias=settings.external_id,
            org_no_alias=settings.org_no,
            call_timeout=settings.call_timeout,
            auth=settings.auth,
            fingerprint=fingerprint,
        )


@dataclass(frozen=True, slots=True)
class _UntilStopped:
    """A key's budget, of which nothing more is taken once it is `stopping`."""

    budget: Budget
    stopping: Callable[[], bool]

    def take(self, *, write: bool, leading: bool = False, priority: bool = False, spared: int = 0) -> None:
        if self.stopping():
            raise Stopping
        self.budget.take(write=write, leading=leading, priority=priority, spared=spared)

    def learn(self, headers: Mapping[str, str]) -> None:
        self.budget.learn(headers)


@dataclass(frozen=True, slots=True)
class _Reads:
    """Writes a key's reads down, after each."""

    store: Store
    connection: str
    fingerprint: str

    def read(self, read: Read) -> None:
        reading = journal.Reading(
            connection=self.connection,
            fingerprint=self.fingerprint,
            resource=read.what,
            record_id=read.record_id,
            event=read.event,
            method=read.method,
        )
        journal.noted(self.store, reading, status=read.status, duration=read.duration or 0.0, error=read.error)
