"""Keeps a client for the present key of each connection, with the key's budget and journal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from redis import Redis

from worker.errors import ConfigError, Unauthorized
from worker.keys import Keys
from worker.settings import Connection
from worker.settings import Upsales as UpsalesSettings
from worker.store import Store
from worker.store.instruments.counters import CALL, CALL_MS
from worker.store.ledger import journal
from worker.store.readings import contents
from worker.tracing import NO_TRACER, Tracer
from worker.upsales.budget import Budget, journalled
from worker.upsales.client import Upsales
from worker.upsales.endpoints import method_of, resource_at
from worker.upsales.http import HttpClient
from worker.upsales.lookup_cache import Cache
from worker.upsales.outcome import Call
from worker.upsales.reads import Read


def uncounted(_connection: str, _what: str, _n: int) -> None:
    pass


class Clients:
    """Safe to share between threads. A replaced key gets a client of its own; what is under way ends on the old one.

    No call is begun once it is `stopping`. `count` counts calls: connection, what, how many.
    """

    def __init__(
        self,
        settings: UpsalesSettings,
        keys: Keys,
        redis: Redis,
        store: Store,
        stopping: Callable[[], bool] = lambda: False,
        count: Callable[[str, str, int], None] = uncounted,
        tracer: Tracer = NO_TRACER,
    ) -> None:
        self._count = count
        self._settings = settings
        self._keys = keys
        self._redis = redis
        self._store = store
        self._stopping = stopping
        self._tracer = tracer
        self._clients: dict[str, Upsales] = {}
        self._replaced: list[Upsales] = []
        self._lock = threading.Lock()

    def of(self, connection: Connection, *, afresh: bool = False) -> Upsales:
        """Upsales through the connection's present key. Raises Unauthorized when it has none. `afresh`: not one that was read before."""
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
                known = self._opened(connection, key, fingerprint)
                self._clients[connection.name] = known
            return known

    def with_key(self, connection: Connection, key: str) -> Upsales:
        """A client for a key that may not be the connection's (yet). Whoever asks for it closes it."""
        return self._opened(connection, key, self._keys.fingerprint(key))

    def _counted(self, connection: str, call: Call, outcome: str, seconds: float) -> None:
        named = f"{method_of(call.method, call.path)}:{resource_at(call.path)}:{outcome}"
        self._count(connection, CALL + named, 1)
        self._count(connection, CALL_MS + named, round(seconds * 1000))

    def close(self) -> None:
        with self._lock:
            for client in (*self._clients.values(), *self._replaced):
                client.close()
            self._clients.clear()
            self._replaced.clear()

    def _opened(self, connection: Connection, key: str, fingerprint: str) -> Upsales:
        settings = self._settings
        http = HttpClient(
            settings.base_url,
            key,
            Budget(self._redis, fingerprint, settings, journalled(self._store, connection.name)),
            fingerprint=fingerprint,
            auth=settings.auth,
            call_timeout=settings.call_timeout,
            stopping=self._stopping,
            tell=partial(self._counted, connection.name),
            tracer=self._tracer,
        )
        return Upsales(
            http=http,
            journal=_ReadJournal(self._store, connection.name, fingerprint),
            cache=Cache(),
            scope=connection.writes,
            external_id_alias=settings.external_id,
            org_no_alias=settings.org_no,
            contents=self._content,
        )

    def _content(self, reading: str) -> bytes | None:
        with self._store.read() as conn:
            return contents.of(conn, reading)


@dataclass(frozen=True, slots=True)
class _ReadJournal:
    """Writes a key's reads down, after each."""

    store: Store
    connection: str
    fingerprint: str

    def read(self, read: Read) -> None:
        call = journal.ReadCall(
            connection=self.connection,
            fingerprint=self.fingerprint,
            resource=read.what,
            record_id=read.record_id,
            event=read.event,
            method=read.method,
        )
        journal.noted(self.store, call, status=read.status, duration=read.duration or 0.0, error=read.error)
