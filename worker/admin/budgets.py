"""Tells how many writes each key has left in the window that is nearest to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from worker.admin.known import Known
from worker.admin.parts import Parts
from worker.errors import ConfigError, Throttled
from worker.store import StoreUnavailable
from worker.upsales.budget import Budget, Past, WindowUse


@dataclass(frozen=True, slots=True)
class Left:
    """Of `limit` writes in `seconds`, those that are left now."""

    left: int
    limit: int
    seconds: float


def writes_left(parts: Parts) -> Known[Mapping[str, Left]]:
    """By connection. One whose key can't be had, or has no limit, is left out."""
    try:
        found = {name: _left(parts, name) for name in parts.settings.connections}
    except (Throttled, StoreUnavailable, ConfigError):
        return Known(None, why="unavailable")
    return Known({name: left for name, left in found.items() if left is not None}, datetime.now(UTC))


def _left(parts: Parts, name: str) -> Left | None:
    try:
        key = parts.keys.fingerprint(parts.keys.api_key(name))
    except ConfigError:
        return None
    found = nearest(Budget(parts.redis, key, parts.settings.upsales, lambda *_: Past(())).left())
    return None if found is None else Left(found.left, found.limit, found.seconds)


def nearest(windows: Iterable[WindowUse]) -> WindowUse | None:
    """The window of writes that is nearest to its end; of two that are as near, the longer."""
    found = (each for each in windows if each.kind == "writes")
    return min(found, key=lambda each: (each.left / each.limit, -each.seconds), default=None)
