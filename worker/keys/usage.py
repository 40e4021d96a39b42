"""Notes when a secret was last used, and writes it at most once a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from worker.keys.fingerprints import Kind
from worker.keys.stored import mark_used
from worker.store.db.engine import Store, StoreUnavailable

EVERY = 60.0


class Usage:
    """`clock` is monotonic."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._unwritten: set[tuple[str, Kind, str]] = set()
        self._written: float | None = None

    def note(self, connection: str, kind: Kind, fingerprint: str) -> None:
        with self._lock:
            self._unwritten.add((connection, kind, fingerprint))
            if self._written is not None and self._clock() - self._written < EVERY:
                return
            self._written = self._clock()
            due, self._unwritten = self._unwritten, set()
        threading.Thread(target=self._write, args=(due,), name="key usage", daemon=True).start()

    def _write(self, due: set[tuple[str, Kind, str]]) -> None:
        # Only a note for people: the next use writes it again.
        with suppress(StoreUnavailable):
            mark_used(self._store, list(due))
