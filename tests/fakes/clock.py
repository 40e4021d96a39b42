"""Time that passes only when a test says so."""

from __future__ import annotations


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def advance(self, seconds: float) -> None:
        self.now += seconds
