"""Bounds how many bodies are read at a time, their bytes, and how long each may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

READ_SECONDS = 10.0
"""For a body to come in. Senders give up on us after five to thirty seconds; a megabyte in ten is a slow telephone."""
MOST_READINGS = 512
MOST_BYTES = 64 * 1024 * 1024


class Full(Exception):
    """What is held waits for its answers, and nothing of it can be given up."""


@dataclass(slots=True, eq=False)
class Reading:
    """One body, from its first byte to its answer. `size`: the most that it can hold."""

    size: int
    since: float
    stop: Callable[[], object]
    given_up: bool = False


class Admission:
    """Where there is no room the reading that has lasted longest gives way: honest bodies come in one piece, so it is never theirs.

    Of one event loop, and so without a lock.
    """

    def __init__(
        self,
        *,
        seconds: float = READ_SECONDS,
        readings: int = MOST_READINGS,
        held: int = MOST_BYTES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._most = readings
        self._most_held = held
        self._now = now
        self._readings: dict[Reading, None] = {}
        self.held = 0

    @property
    def readings(self) -> int:
        return len(self._readings)

    def begin(self, size: int, stop: Callable[[], object]) -> Reading:
        """`stop` ends the reading from outside. Raises Full."""
        while len(self._readings) >= self._most or self.held + size > self._most_held:
            if not self._readings:
                raise Full
            self._give_up(next(iter(self._readings)))
        reading = Reading(size, self._now(), stop)
        self._readings[reading] = None
        self.held += size
        return reading

    def read(self, reading: Reading) -> None:
        """It is complete; its bytes stay until they are let go."""
        self._readings.pop(reading, None)

    def let_go(self, reading: Reading) -> None:
        self.read(reading)
        self.held -= reading.size
        reading.size = 0

    def expire(self) -> None:
        """Give up those that have had their time."""
        began_before = self._now() - self._seconds
        while self._readings and (oldest := next(iter(self._readings))).since <= began_before:
            self._give_up(oldest)

    def _give_up(self, reading: Reading) -> None:
        reading.given_up = True
        self.let_go(reading)
        reading.stop()
