"""Sends wake-ups in a thread of its own, after the answer.

It costs nothing while Redis is away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from queue import SimpleQueue

import structlog

from worker.queue.thread import DaemonThread
from worker.queue.wakeups import UNREACHABLE, Wakeup
from worker.tracing import NO_TRACER, Tracer

WAITING = 100
PAUSE_WHILE_AWAY = 2.0
PAUSE_WHILE_FULL = 1.0

_log = structlog.get_logger()


class Notifier:
    """`ring` of worker.queue.wakeups, in a thread of its own. What is left out here, the sweep rings.

    No wake-ups are tried for a moment while Redis is away, and for a connection that has its share of messages on their way
    in the queue.
    """

    def __init__(
        self,
        ring: Callable[[Sequence[Wakeup]], Collection[str]],
        *,
        now: Callable[[], float] = time.monotonic,
        waiting: int = WAITING,
        tracer: Tracer = NO_TRACER,
    ) -> None:
        self._ring = ring
        self._now = now
        self._waiting = waiting
        self._tracer = tracer
        self._queue: SimpleQueue[Sequence[Wakeup]] = SimpleQueue()
        self._away_until = float("-inf")
        self._full_until: dict[tuple[str, bool], float] = {}
        self._thread = DaemonThread(self._run, "notifier")

    def __call__(self, wakeups: Sequence[Wakeup]) -> None:
        now = self._now()
        if now < self._away_until or self._queue.qsize() >= self._waiting:
            return
        welcome = [wakeup for wakeup in wakeups if now >= self._full_until.get(_queue(wakeup), now)]
        if welcome:
            self._queue.put(welcome)
            self.start()

    def ring_next(self) -> None:
        """Ring what was put first; waits until there is something."""
        wakeups = self._queue.get()
        if self._now() < self._away_until:
            return
        try:
            sent = self._rung(wakeups)
        except UNREACHABLE as error:
            self._away_until = self._now() + PAUSE_WHILE_AWAY
            _log.warning("wake-ups were dropped: the sweep sends them", count=len(wakeups), error=type(error).__name__)
            return
        left = [wakeup for wakeup in wakeups if wakeup.event not in sent]
        self._full_until |= dict.fromkeys(map(_queue, left), self._now() + PAUSE_WHILE_FULL)

    def _rung(self, wakeups: Sequence[Wakeup]) -> Collection[str]:
        """They are sent together, and each request's trace tells of it."""
        with ExitStack() as spans:
            for trace in {wakeup.trace for wakeup in wakeups if wakeup.trace is not None}:
                spans.enter_context(self._tracer.span("ring", {}, of=trace, kind="producer"))
            return self._ring(wakeups)

    def start(self) -> None:
        """In whichever process the first wake-up is."""
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                self.ring_next()
            except Exception:  # noqa: BLE001 - the thread must outlive it; the sweep rings what was missed
                _log.exception("the notifier raised unexpectedly")


def _queue(wakeup: Wakeup) -> tuple[str, bool]:
    """A connection's urgent events have a share of their own."""
    return wakeup.connection, wakeup.priority
