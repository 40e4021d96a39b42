"""Caches lists of Upsales that rarely change: users, stages, types, custom fields."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

MOST_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class _Entry:
    at: float
    value: Any


class Cache:
    """Shared by threads: while one asks Upsales, the others that want the same wait for its answer.

    Times in seconds: what was found is believed for `age`, that something is missing for `absent_age`.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, age: float = 300.0, absent_age: float = 60.0
    ) -> None:
        self._clock = clock
        self._age = age
        self._absent_age = min(age, absent_age)
        self._entries: dict[Hashable, _Entry] = {}
        self._locks: dict[Hashable, threading.Lock] = {}
        self._spared = 0
        self._counting = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Hashable, load: Callable[[], Any], pick: Callable[[Any], T | None]) -> T | None:
        """What `pick` takes from the kept answer; from a newer one, when it finds nothing there."""
        loads = 0

        def counted() -> Any:
            nonlocal loads
            loads += 1
            return load()

        picked = pick(self._value(key, counted, self._age))
        if picked is None:
            picked = pick(self._value(key, counted, self._absent_age))
        if not loads:
            with self._counting:
                self._spared += 1
        return picked

    def spared(self) -> int:
        """How many questions were answered without asking Upsales, since this was asked last."""
        with self._counting:
            found, self._spared = self._spared, 0
            return found

    def kept(self, key: Hashable) -> Any:
        """The last answer, however old; None when there was none."""
        entry = self._entries.get(key)
        return entry.value if entry else None

    def forget(self, key: Hashable) -> None:
        self._entries.pop(key, None)

    def _value(self, key: Hashable, load: Callable[[], Any], age: float) -> Any:
        with self._locks.setdefault(key, threading.Lock()):
            now = self._clock()
            entry = self._entries.get(key)
            if entry is None or now - entry.at >= age:
                entry = _Entry(now, load())
                self._keep(key, entry)
            return entry.value

    def _keep(self, key: Hashable, entry: _Entry) -> None:
        if len(self._entries) >= MOST_ENTRIES:
            self._entries.clear()
        self._entries[key] = entry
