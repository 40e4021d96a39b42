"""Keeps a copy of something in the database, and reads it anew in a thread of its own.

So a database that hangs keeps nobody waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from worker.store.db.engine import StoreUnavailable

T = TypeVar("T")

PATIENCE = 0.5
FIRST = 2.0


class Copy(Generic[T]):
    """Safe to share between threads. Read anew after `fresh` seconds; counts for nothing after `longest` seconds. `clock` is monotonic.

    `patience`, `first`: seconds that a reading may keep those waiting who have a copy, and those who have none.
    """

    def __init__(
        self,
        read: Callable[[], T],
        clock: Callable[[], float],
        *,
        fresh: float,
        longest: float,
        patience: float = PATIENCE,
        first: float = FIRST,
    ) -> None:
        self._read = read
        self._clock = clock
        self._fresh = fresh
        self._longest = longest
        self._patience = patience
        self._first = first
        self._lock = threading.Lock()
        self._reading: threading.Thread | None = None
        self._began = 0.0
        self._again_at = float("-inf")
        self._kept: tuple[float, T] | None = None
        self._error: Exception | None = None

    def get(self) -> T:
        """Raises what the reading raised, or StoreUnavailable when it takes too long, where there is no copy young enough."""
        with self._lock:
            kept = self._young()
            if kept is not None and self._clock() < self._again_at:
                return kept[1]
            reading = self._under_way()
            left = (self._patience if kept else self._first) - (self._clock() - self._began)
        reading.join(max(left, 0.0))
        with self._lock:
            kept = self._young()
            if kept is None:
                raise self._error or StoreUnavailable("The database takes too long to answer.")
            return kept[1]

    def begin(self) -> None:
        """Read anew where that is due, and wait for nothing: for whoever gets several."""
        with self._lock:
            if self._young() is None or self._clock() >= self._again_at:
                self._under_way()

    def look_again(self) -> None:
        """At once; a reading that is under way came too early."""
        with self._lock:
            self._reading = None
            self._again_at = float("-inf")

    def _young(self) -> tuple[float, T] | None:
        return self._kept if self._kept and self._clock() - self._kept[0] < self._longest else None

    def _under_way(self) -> threading.Thread:
        # A child process that was forked meanwhile has no such thread.
        if self._reading is None or not self._reading.is_alive():
            self._began = self._clock()
            self._error = None
            self._reading = threading.Thread(target=self._look, args=(self._began,), name="keys", daemon=True)
            self._reading.start()
        return self._reading

    def _look(self, began: float) -> None:
        try:
            found = self._read()
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait
            self._note(error, None)
        else:
            self._note(None, (began, found))

    def _note(self, error: Exception | None, kept: tuple[float, T] | None) -> None:
        with self._lock:
            if self._reading is threading.current_thread():
                self._again_at = self._clock() + self._fresh
                self._error = error
                self._kept = kept or self._kept
