"""Reads how much of its call windows each key has used; of our own calls only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from redis.exceptions import RedisError

from worker.admin.known import Known
from worker.admin.parts import Parts
from worker.errors import ConfigError, RelayError, Throttled
from worker.store import StoreUnavailable
from worker.upsales.budget import Budget, Day, Past, WindowUse

REDIS = "redis"
"""Why a budget is not known."""


@dataclass(frozen=True, slots=True)
class Window:
    """`left`: of `limit` calls, or writes, in `seconds`."""

    kind: str
    seconds: float
    limit: int
    used: int
    left: int


@dataclass(frozen=True, slots=True)
class KeyBudget:
    """Without windows where there is no key. `day`: the account's calls of the last 24 hours, by all keys that we have."""

    key: str | None = None
    windows: Sequence[Window] = ()
    day: int | None = None
    daily: int | None = None

    @property
    def writes(self) -> Window | None:
        """The window of writes that is nearest to its end; of two that are as near, the longer."""
        found = [each for each in self.windows if each.kind == "writes"]
        return min(found, key=lambda each: (each.left / each.limit, -each.seconds), default=None)


@dataclass(slots=True)
class Budgets:
    """One after the other. Once Redis was away it is not asked again."""

    parts: Parts
    away: bool = field(default=False, init=False)

    def of(self, name: str, account: int | None) -> Known[KeyBudget]:
        try:
            key = self.parts.keys.fingerprint(self.parts.keys.api_key(name))
        except StoreUnavailable:
            return Known(None, why="unavailable")
        except RelayError:
            return Known(KeyBudget())
        if self.away:
            return Known(None, why=REDIS)
        try:
            return Known(self._read(key, account), datetime.now(UTC))
        except (Throttled, RedisError, OSError, ConfigError):
            self.away = True
            return Known(None, why=REDIS)

    def _read(self, key: str, account: int | None) -> KeyBudget:
        upsales = self.parts.settings.upsales
        asked = Budget(self.parts.redis, key, upsales, lambda *_: Past(()), account=account)
        windows = tuple(_windows(asked.left()))
        day: Day = asked.day()
        return KeyBudget(key, windows, day.calls, upsales.daily)


def every(parts: Parts, accounts: Mapping[str, int | None], names: Collection[str]) -> Mapping[str, Known[KeyBudget]]:
    asked = Budgets(parts)
    return {name: asked.of(name, accounts.get(name)) for name in names}


def _windows(found: Sequence[WindowUse]) -> Iterator[Window]:
    for each in found:
        yield Window(each.kind, each.seconds, each.limit, each.used, each.left)
