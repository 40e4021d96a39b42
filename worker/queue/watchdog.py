"""Ends a worker that takes no messages though some wait.

A Redis restart can leave it deaf; whoever watches the process starts it again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery

DEAF_AFTER = 45.0
LOOK_EVERY = 5.0
EXIT_CODE = 70

log = structlog.get_logger()


def deaf(*, waiting: int, idle_for: float, busy: int, threads: int) -> bool:
    """Whether messages wait, a thread is free, and none was taken for too long. Seconds."""
    return waiting > 0 and busy < threads and idle_for > DEAF_AFTER


def waiting_in(app: Celery) -> int:
    """Messages in the queues that this worker takes from: with `-Q` it may not be all."""
    with app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        return sum(channel.client.llen(queue) for queue in app.amqp.queues.consume_from)


class Watchdog:
    """`waiting` counts the messages in the worker's queues. `started` and `ended` are told of every task."""

    def __init__(
        self,
        waiting: Callable[[], int],
        threads: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        leave: Callable[[int], object] = os._exit,
    ) -> None:
        self._waiting = waiting
        self._threads = threads
        self._clock = clock
        self._leave = leave
        self._lock = threading.Lock()
        self._busy = 0
        self._last = clock()

    def started(self) -> None:
        with self._lock:
            self._busy += 1
            self._last = self._clock()

    def ended(self) -> None:
        with self._lock:
            self._busy -= 1
            self._last = self._clock()

    def look(self) -> None:
        """While nothing can be taken, no time counts: also when Redis was away, after which the worker needs a moment."""
        try:
            waiting = self._waiting()
        except Exception as error:  # noqa: BLE001 - whatever a broken connection raises, the dog goes on watching
            log.info("the length of the queues could not be read", error=type(error).__name__)
            waiting = 0
        with self._lock:
            if waiting == 0:
                self._last = self._clock()
            idle_for, busy = self._clock() - self._last, self._busy
        if deaf(waiting=waiting, idle_for=idle_for, busy=busy, threads=self._threads):
            log.critical("worker takes no messages though some wait: it exits to be started again", waiting=waiting)
            self._leave(EXIT_CODE)

    def run(self) -> None:
        """Look for ever, in a thread of its own."""
        while True:
            time.sleep(LOOK_EVERY)
            self.look()
