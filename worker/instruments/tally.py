"""Counts in memory what no transaction belongs to, such as refused requests."""

from __future__ import annotations

from collections import Counter
from threading import Lock

from worker.store.instruments.counters import Counts

MOST = 4096
"""Different things that are counted at a time. Connections, outcomes and resources are few: nobody outside can name new ones."""


class Tally:
    """Safe to share between threads. A process that is killed loses what it had not handed over."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, connection: str, what: str, n: int = 1) -> None:
        with self._lock:
            if (connection, what) in self._counts or len(self._counts) < self._most:
                self._counts[connection, what] += n

    def drain(self) -> Counts:
        """All that was added since the last time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return counts

    def put_back(self, counts: Counts) -> None:
        """It could not be handed over: it comes with the next."""
        for (connection, what), n in counts.items():
            self.add(connection, what, n)
