"""Wakes workers for what a stream brought; what is left out, the sweep rings."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import structlog

from worker.queue.wakeups import UNREACHABLE, Wakeup
from worker.queue.waking import wakeups_of
from worker.store.events.arrival import Receipt

PAUSE = 2.0
"""Seconds in which nothing is tried while Redis is away."""

log = structlog.get_logger()


@dataclass(slots=True)
class Ringing:
    ring: Callable[[Sequence[Wakeup]], Collection[str]]
    now: Callable[[], float] = time.monotonic
    _away_until: float = field(default=float("-inf"), init=False)

    def __call__(self, receipts: Sequence[Receipt]) -> None:
        waiting = wakeups_of(receipts)
        if not waiting or self.now() < self._away_until:
            return
        try:
            self.ring(waiting)
        except UNREACHABLE as error:
            self._away_until = self.now() + PAUSE
            log.warning("wake-ups were dropped: the sweep sends them", count=len(waiting), error=type(error).__name__)


def nobody(_wakeups: Sequence[Wakeup]) -> Collection[str]:
    """Where there is no Redis yet."""
    return ()
