"""Counts calls and writes of each key in fixed windows, and tells them in headers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from web.sandbox.options import Window

UNSIGNED: tuple[Window, ...] = ((40, 10),)
"""What callers without a valid key share."""


@dataclass(slots=True)
class Count:
    """One window of one key: when it began, how many calls came since."""

    limit: int
    span: float
    phase: float
    begins: float = -math.inf
    used: int = 0

    def hit(self, now: float) -> None:
        if now >= self.begins + self.span or now < self.begins:
            self.begins = now - (now - self.phase) % self.span
            self.used = 0
        self.used += 1

    @property
    def over(self) -> bool:
        return self.used > self.limit

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def reset(self, now: float) -> int:
        """Seconds to the next window; on a window's first call Upsales says -2, which is Redis for "no such counter yet"."""
        return -2 if self.used == 1 else math.ceil(self.begins + self.span - now)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the windows say about one call."""

    over: bool
    headers: dict[str, str]


class Budgets:
    """All windows of all keys. `phase`: see SandboxOptions."""

    def __init__(self, phase: float | None, seed: int) -> None:
        self._phase = phase
        self._seed = seed
        self._counts: dict[tuple[str, str, Window], Count] = {}

    def hit(self, caller: str, windows: Sequence[tuple[str, Window]], now: float) -> Standing:
        """Count one call of this caller in these windows, each named by what it counts."""
        counts = [self._count(caller, kind, window) for kind, window in windows]
        for count in counts:
            count.hit(now)
        nearest = min(counts, key=lambda count: count.remaining / count.limit)
        return Standing(
            over=any(count.over for count in counts),
            headers={
                "X-RateLimit-Limit": str(nearest.limit),
                "X-RateLimit-Remaining": str(nearest.remaining),
                "X-RateLimit-Reset": str(nearest.reset(now)),
            },
        )

    def forget(self) -> None:
        self._counts.clear()

    def _count(self, caller: str, kind: str, window: Window) -> Count:
        place = (caller, kind, window)
        if place not in self._counts:
            limit, span = window
            self._counts[place] = Count(limit, span, self._begin(place, span))
        return self._counts[place]

    def _begin(self, place: tuple[str, str, Window], span: float) -> float:
        if self._phase is not None:
            return self._phase
        return Random(f"{self._seed}:{place}").uniform(0, span)  # noqa: S311 - a chaos run must be repeatable
