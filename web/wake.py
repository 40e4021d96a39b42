"""Wake-ups off the answer's path: a thread that rings what was committed, and costs nothing while Redis is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from queue import Empty, Full, Queue
from threading import Lock, Thread

import structlog

from web import counters
from worker.wakeups import UNREACHABLE, Wakeup

WAITING = 1000
TOGETHER = 200
PAUSE = 2.0

_log = structlog.get_logger()


class Bell:
    """`ring` of worker.wakeups, in a thread of its own. What is dropped here, the sweeper rings."""

    def __init__(
        self,
        ring: Callable[[Sequence[Wakeup]], int],
        *,
        now: Callable[[], float] = time.monotonic,
        waiting: int = WAITING,
    ) -> None:
        self._ring = ring
        self._now = now
        self._queue: Queue[Wakeup] = Queue(waiting)
        self._silent_until = float("-inf")
        self._starting = Lock()
        self._thread: Thread | None = None

    def __call__(self, wakeups: Sequence[Wakeup]) -> None:
        if self._now() < self._silent_until:
            counters.wakeups("dropped", len(wakeups))
            return
        for index, wakeup in enumerate(wakeups):
            try:
                self._queue.put_nowait(wakeup)
            except Full:
                counters.wakeups("dropped", len(wakeups) - index)
                break
        self._start()

    def ring_waiting(self) -> None:
        """Ring what waits, a bounded number; blocks until there is something."""
        batch = [self._queue.get()]
        while len(batch) < TOGETHER:
            try:
                batch.append(self._queue.get_nowait())
            except Empty:
                break
        if self._now() < self._silent_until:
            counters.wakeups("dropped", len(batch))
            return
        try:
            sent = self._ring(batch)
        except UNREACHABLE as error:
            self._silent_until = self._now() + PAUSE
            counters.wakeups("dropped", len(batch))
            _log.warning("wakeups_dropped", count=len(batch), error=type(error).__name__)
        else:
            counters.wakeups("sent", sent)
            counters.wakeups("left_to_the_sweeper", len(batch) - sent)

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                self.ring_waiting()
            except Exception:  # noqa: BLE001 - the thread must outlive it; the sweeper rings what was missed
                _log.exception("bell")
