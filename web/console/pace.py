"""Bounds how often one person may do what anybody may, and what is kept for good."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from web.console.kinds import refusal

MINUTE = 60.0


class Pace:
    """So many times a minute each. Safe to share between threads; `clock` is monotonic."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = Lock()
        self._times: dict[str, deque[float]] = {}

    def step(self, name: str) -> None:
        """Raises Problem."""
        with self._lock:
            at = self._clock()
            times = self._times.setdefault(name, deque(maxlen=self._most))
            if len(times) == self._most and at - times[0] < MINUTE:
                left = max(round(MINUTE - (at - times[0])), 1)
                raise refusal("too-often", f"At most {self._most} times a minute. Wait.", retry_after=left)
            times.append(at)
