"""Caches lists of Upsales that rarely change: users, stages, types, custom fields."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
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
    `most`: how many answers are kept.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        age: float = 300.0,
        absent_age: float = 10.0,
        most: int = MOST_ENTRIES,
    ) -> None:
        self._clock = clock
        self._age = age
        self._absent_age = min(age, absent_age)
        self._most = most
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._locks: dict[Hashable, tuple[Lock, int]] = {}
        self._spared = 0
        self._guard = Lock()

    def __len__(self) -> int:
        """What is kept in all: answers, and locks of those who ask."""
        return len(self._entries) + len(self._locks)

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
            with self._guard:
                self._spared += 1
        return picked

    def spared(self) -> int:
        """How many questions were answered without asking Upsales, since this was asked last."""
        with self._guard:
            found, self._spared = self._spared, 0
            return found

    def kept(self, key: Hashable) -> Any:
        """The last answer, however old; None when there was none."""
        entry = self._entries.get(key)
        return entry.value if entry else None

    def forget(self, key: Hashable) -> None:
        with self._guard:
            self._entries.pop(key, None)

    def _value(self, key: Hashable, load: Callable[[], Any], age: float) -> Any:
        with self._asking(key):
            now = self._clock()
            entry = self._entries.get(key)
            if entry is None or now - entry.at >= age:
                entry = _Entry(now, load())
            self._keep(key, entry)
            return entry.value

    @contextmanager
    def _asking(self, key: Hashable) -> Iterator[None]:
        """Alone among those that want the same. The lock goes with the last of them."""
        with self._guard:
            lock, waiting = self._locks.get(key, (Lock(), 0))
            self._locks[key] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, waiting = self._locks.pop(key)
                if waiting > 1:
                    self._locks[key] = (lock, waiting - 1)

    def _keep(self, key: Hashable, entry: _Entry) -> None:
        """The answers that were wanted last stay."""
        with self._guard:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            if len(self._entries) > self._most:
                self._entries.popitem(last=False)
