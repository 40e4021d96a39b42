"""Keeps a reader for each connection whose connector declares its sender's API."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from redis import Redis

from worker.errors import ConfigError, NoToken
from worker.sdk.source import where
from worker.settings import Connection
from worker.sources.addresses import Resolve, system
from worker.sources.hosts import place_of
from worker.sources.http import SourceHttp, our_clock
from worker.sources.limits import Limits
from worker.sources.ports import Signer
from worker.sources.reader import Reading, SourceReader
from worker.store import Store
from worker.store.instruments.counters import SOURCE_CALL, SOURCE_CALL_MS
from worker.store.ledger import source_calls

DONE: Final = "done"
LONGEST_KIND: Final = 30
"""Of a name as it is counted."""


def uncounted(_connection: str, _what: str, _n: int) -> None:
    pass


class Sources:
    """Safe to share between threads. `count` counts readings: connection, what, how many. Nothing is begun once it is `stopping`.

    `resolve`, `clock` (monotonic) and `now` are the world's.
    """

    def __init__(
        self,
        signer: Signer,
        redis: Redis,
        store: Store,
        stopping: Callable[[], bool] = lambda: False,
        count: Callable[[str, str, int], None] = uncounted,
        *,
        resolve: Resolve = system,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = our_clock,
    ) -> None:
        self._signer = signer
        self._limits = Limits(redis)
        self._journal = _Journal(store, count)
        self._stopping = stopping
        self._resolve = resolve
        self._clock = clock
        self._now = now
        self._readers: dict[str, SourceReader] = {}
        self._lock = threading.Lock()

    def of(self, connection: Connection) -> SourceReader:
        """Raises ConfigError where there is nothing to read, or a setting is missing that its address needs; NoToken where it is missing, and reading is optional."""
        with self._lock:
            if connection.name not in self._readers:
                self._readers[connection.name] = self._opened(connection)
            return self._readers[connection.name]

    def close(self) -> None:
        with self._lock:
            for reader in self._readers.values():
                reader.http.close()
            self._readers.clear()

    def _opened(self, connection: Connection) -> SourceReader:
        source = connection.connector.source
        if source is None:
            raise ConfigError(f"connection {connection.name}: {connection.connector.name} reads no API of its sender")
        try:
            place = place_of(connection, source)
            headers = {name: where.fill(value, connection.settings) for name, value in source.headers.items()}
        except ConfigError as error:
            if source.unread and not self._signer.fingerprint(connection):
                # It works with what its webhooks tell alone, and needs no address for that.
                raise NoToken(f"connection {connection.name} has no token for its sender's API") from None
            raise ConfigError(f"connection {connection.name}: {error}") from None
        http = SourceHttp(
            place,
            headers,
            timeout=source.timeout,
            most_bytes=source.most_bytes,
            resolve=self._resolve,
            clock=self._clock,
            now=self._now,
        )
        return SourceReader(
            connection=connection,
            source=source,
            place=place,
            http=http,
            signer=self._signer,
            limits=self._limits,
            journal=self._journal,
            now=self._now,
            clock=self._clock,
            stopping=self._stopping,
        )


@dataclass(frozen=True, slots=True)
class _Journal:
    """Writes readings down, and counts them."""

    store: Store
    count: Callable[[str, str, int], None]

    def note(self, reading: Reading) -> None:
        way = "list" if reading.thing is None else "get"
        named = f"{way}:{reading.kind[:LONGEST_KIND]}:{reading.code or DONE}"
        self.count(reading.connection, SOURCE_CALL + named, 1)
        self.count(reading.connection, SOURCE_CALL_MS + named, round(reading.duration * 1000))
        source_calls.noted(
            self.store,
            connection=reading.connection,
            fingerprint=reading.fingerprint,
            kind=reading.kind,
            thing=reading.thing,
            event=reading.event,
            status=reading.status,
            duration=reading.duration,
            code=reading.code,
        )
