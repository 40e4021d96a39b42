"""Writes a key's windows as the JSON that the Lua script reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from worker.settings import Upsales, Window

MICRO = 1_000_000
MARGIN = 10.0
RESERVE = 0.05
"""The part of a write window that is kept for priority while any is asked for."""
SPARE = 0.02
"""The part of each window that a backfill leaves to live events."""
POLL = 0.05
"""Seconds to wait when calls on their way fill a window: one of them is answered soon."""
LEAD = 2.0
"""Seconds for which a place is kept for the write that a read was made for."""
SPREAD = 15.0
"""Those who wait come back one after another as places come free, but at most so much later than the first."""
SLOW = 5.0
"""Seconds between calls beyond the daily limit, with `at_daily_limit = "slow"`."""


@dataclass(frozen=True, slots=True)
class Config:
    """`longest`: seconds of the longest window. `hold`: seconds after which a call has surely ended, answered or not."""

    packed: str
    longest: float
    hold: float


def config_of(upsales: Upsales) -> Config:
    longest = max(window.seconds for window in (*upsales.calls, *upsales.writes))
    hold = upsales.call_timeout + MARGIN
    packed = {
        "calls": _windows(upsales.calls),
        "writes": _windows(upsales.writes),
        "hold": round(hold * MICRO),
        "keep": round((longest + hold) * 1000) + 60_000,
        "reserve": RESERVE,
        "spare": SPARE,
        "poll": round(POLL * MICRO),
        "lead": round(LEAD * MICRO),
        "spread": round(SPREAD * MICRO),
        "slow": round(SLOW * MICRO),
        "daily": upsales.daily,
        "daily_rule": upsales.at_daily_limit,
    }
    return Config(json.dumps(packed), longest, hold)


def _windows(windows: Sequence[Window]) -> list[tuple[int, int]]:
    return [(window.limit, round(window.seconds * MICRO)) for window in windows]
