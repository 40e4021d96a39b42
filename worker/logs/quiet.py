"""Lets a few of many lines through."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

QUIET = 60.0


class Quiet:
    """Lets the first `burst` of a name through, then none for a minute, and then one with the number of those it held back."""

    def __init__(self, seconds: float = QUIET, now: Callable[[], float] = time.monotonic, *, burst: int = 1) -> None:
        self._seconds = seconds
        self._now = now
        self._burst = burst
        self._lock = Lock()
        self._until: dict[str, float] = {}
        self._let: dict[str, int] = {}
        self._held: dict[str, int] = {}

    def count(self, name: str) -> int | None:
        """How many to report for this name now; None to stay quiet."""
        with self._lock:
            now = self._now()
            if now >= self._until.get(name, now):
                self._until[name], self._let[name] = now + self._seconds, 0
            if self._let[name] >= self._burst:
                self._held[name] = self._held.get(name, 0) + 1
                return None
            self._let[name] += 1
            return self._held.pop(name, 0) + 1
