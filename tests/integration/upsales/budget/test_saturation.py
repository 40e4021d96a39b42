"""Many threads that want more than there is: no window of any phase holds too much, and next to nothing is wasted."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from redis import Redis

from worker.errors import Throttled
from worker.settings import Upsales, Window
from worker.upsales.budget import Budget, Past, connect

THREADS = 12
SECONDS = 3.0


@dataclass
class Arrivals:
    """When calls reached Upsales, by a clock that all threads share."""

    calls: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, *, write: bool) -> None:
        with self.lock:
            self.calls.append(time.monotonic())
            if write:
                self.writes.append(self.calls[-1])


def worst(arrivals: Sequence[float], seconds: float) -> int:
    """The most that any stretch of this length holds: no fixed window holds more, whatever its phase."""
    ordered = sorted(arrivals)
    return max(bisect_left(ordered, first + seconds) - number for number, first in enumerate(ordered))


def saturate(open_budget: Callable[[], Budget], *, is_write: Callable[[int], bool]) -> Arrivals:
    arrivals, end = Arrivals(), time.monotonic() + SECONDS

    def work(number: int) -> None:
        budget = open_budget()
        while (now := time.monotonic()) < end:
            try:
                budget.take(write=is_write(number))
            except Throttled as throttled:
                time.sleep(min(throttled.seconds, end - now))
                continue
            time.sleep(0.0005 * (number % 3))
            arrivals.note(write=is_write(number))
            budget.learn({})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return arrivals


UPSALES = Upsales(calls=(Window(150, 1.0), Window(400, 3.0)), writes=(Window(100, 2.0),))


@pytest.mark.parametrize(
    ("upsales", "writing", "allowed"),
    [
        (Upsales(calls=(Window(150, 1.0),), writes=(Window(9999, 60),)), 0, 150 * 3),
        (Upsales(calls=(Window(9999, 1.0),), writes=(Window(50, 0.5), Window(80, 1.0))), THREADS, 80 * 3),
        (UPSALES, THREADS // 2, 400),
    ],
    ids=["one window", "two windows of writes", "reads and writes"],
)
def test_every_window_is_respected_and_used(
    redis: Redis, valkey_url: str, upsales: Upsales, writing: int, allowed: int
) -> None:
    redis.ping()
    arrivals = saturate(
        lambda: Budget(connect(valkey_url), "åäö", upsales, lambda _key, _seconds: Past(())),
        is_write=lambda number: number < writing,
    )
    for window in upsales.calls:
        assert worst(arrivals.calls, window.seconds) <= window.limit
    for window in upsales.writes if writing else ():
        assert worst(arrivals.writes, window.seconds) <= window.limit
    assert len(arrivals.calls) >= 0.98 * allowed
