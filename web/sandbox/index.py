"""Keeps the search index behind lists, which shows each write only after a while."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeAlias

from web.sandbox.answers import Record

KeysOf: TypeAlias = Callable[[Record], Iterable[Hashable]]


class SearchIndex:
    """Documents as of the last refresh, and writes that do not show yet."""

    def __init__(self) -> None:
        self._shown: dict[int, Record] = {}
        self._versions: dict[int, int] = {}
        self._waiting: list[tuple[float, int, int, Record | None]] = []
        self._written = 0
        self._by_value: dict[Hashable, tuple[KeysOf, dict[Hashable, set[int]]]] = {}

    def write(self, record_id: int, record: Record | None, shows_at: float) -> None:
        """Queue a new state of a record, or None for its removal."""
        self._written += 1
        heapq.heappush(self._waiting, (shows_at, self._written, record_id, record))

    def refresh(self, now: float = math.inf) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            _, version, record_id, record = heapq.heappop(self._waiting)
            # Lags are drawn: an older state may come due after a newer one, and must not win.
            if version > self._versions.get(record_id, 0):
                self._versions[record_id] = version
                self._show(record_id, record)

    def all(self) -> Mapping[int, Record]:
        return self._shown

    def equal(self, attribute: Hashable, keys_of: KeysOf, wanted: Iterable[Hashable]) -> set[int]:
        """Ids of the documents that have one of these values; remembers the attribute, to be quick next time."""
        if attribute not in self._by_value:
            self._by_value[attribute] = (keys_of, {})
            for record_id, record in self._shown.items():
                self._enter(attribute, record_id, record)
        found = self._by_value[attribute][1]
        return set().union(*(found.get(key, ()) for key in wanted))

    def _show(self, record_id: int, record: Record | None) -> None:
        old = self._shown.pop(record_id, None)
        for keys_of, found in self._by_value.values():
            for key in keys_of(old) if old else ():
                found.get(key, set()).discard(record_id)
        if record is not None:
            self._shown[record_id] = record
            for attribute in self._by_value:
                self._enter(attribute, record_id, record)

    def _enter(self, attribute: Hashable, record_id: int, record: Record) -> None:
        keys_of, found = self._by_value[attribute]
        for key in keys_of(record):
            found.setdefault(key, set()).add(record_id)
