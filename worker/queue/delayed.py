"""Rings lanes that have to wait for moments only, on time.

The sweep comes by only every few seconds.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count

import structlog

from worker.queue.thread import DaemonThread
from worker.queue.wakeups import Wakeup

LONGEST = 10.0
"""Seconds. What waits for longer is the sweep's."""
MOST = 1000

log = structlog.get_logger()


class DelayedWakeups:
    """One thread, and a heap in memory: what is lost with the process, the sweep rings."""

    def __init__(
        self, ring: Callable[[Sequence[Wakeup]], object], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ring = ring
        self._clock = clock
        self._heap: list[tuple[float, int, Wakeup]] = []
        self._number = count()
        self._changed = threading.Condition()
        self._thread = DaemonThread(self._run, "alarm")

    def set(self, wakeup: Wakeup, seconds: float) -> None:
        """Ring in so many seconds, unless that is the sweep's."""
        if seconds > LONGEST:
            return
        with self._changed:
            if len(self._heap) >= MOST:
                return
            heapq.heappush(self._heap, (self._clock() + seconds, next(self._number), wakeup))
            self.start()
            self._changed.notify()

    def start(self) -> None:
        """With the first wake-up."""
        self._thread.start()

    def due(self) -> list[Wakeup]:
        """What is to be rung now; taken out."""
        with self._changed:
            now = self._clock()
            found = []
            while self._heap and self._heap[0][0] <= now:
                found.append(heapq.heappop(self._heap)[2])
            return found

    def ring_due(self) -> None:
        """Never raises: the thread must outlive whatever happens, the sweep rings what was missed."""
        wakeups = self.due()
        if not wakeups:
            return
        try:
            self._ring(wakeups)
        except Exception as error:  # noqa: BLE001 - kombu raises AttributeErrors when its connection breaks
            log.warning(
                "delayed wake-ups could not be sent: the sweep sends them",
                wakeups=len(wakeups),
                error=type(error).__name__,
            )

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait(self._heap[0][0] - self._clock() if self._heap else None)
            self.ring_due()
