"""Reads records from Upsales for a person who decides, and remembers them for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from worker.admin.parts import Parts
from worker.admin.reviews.keys import connection_of
from worker.admin.reviews.soon import Soon
from worker.errors import Failure, Gone, RelayError
from worker.plan import Key, Match, Resource
from worker.store.lanes import connections

if TYPE_CHECKING:
    from worker.upsales import Upsales

KEPT: Final = 600.0
"""Seconds for which a page shows what was read, with its time."""
MOST_KEPT: Final = 500
FRESH: Final = 60.0
"""What was read so lately is as good as read now."""
PLENTY: Final = 0.5
"""The part of each call window that has to be left for a page to ask unasked."""
UNSEARCHED: Final = frozenset({"contact", "legalName"})
"""Natural keys that are no field of a record."""

Place: TypeAlias = tuple[str, Resource, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as Upsales showed it. `data` is None where it had no such record."""

    id: int
    data: Mapping[str, Any] | None
    at: datetime
    clock: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What was read, by id. `why`: what kept the rest from being read. `calls`: what it cost."""

    shown: Mapping[int, Shown]
    why: str | None = None
    calls: int = 0


def searchable(matches: Iterable[Match]) -> Sequence[Match]:
    """The natural keys that are fields of a record."""
    return [match for match in dict.fromkeys(matches) if match.field not in UNSEARCHED]


class Reader:
    """Safe to share between threads. What was read stays in the memory of this process."""

    def __init__(self, parts: Parts, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._clock = clock
        self._kept: dict[Place, Shown] = {}
        self._fields: dict[tuple[str, Resource, str], int] = {}
        self._searched: dict[tuple[str, Key], tuple[Sequence[int], float]] = {}
        self._lock = Lock()
        self.soon: Soon[Answered] = Soon()

    def kept(self, connection: str, resource: Resource, ids: Iterable[int], most_age: float = KEPT) -> Answered:
        """What is remembered of them. Asks nobody."""
        oldest = self._clock() - most_age
        with self._lock:
            found = {each: self._kept.get((connection, resource, each)) for each in ids}
        return Answered({each: shown for each, shown in found.items() if shown and shown.clock >= oldest})

    def read(self, connection: str, resource: Resource, ids: Sequence[int], event: str | None) -> Answered:
        """All of them now: a call each. The first that gets no answer is the last."""
        found: dict[int, Shown] = {}
        try:
            upsales = self._upsales(connection, event)
        except RelayError as error:
            return Answered(found, str(error))
        for each in ids:
            try:
                data: Mapping[str, Any] | None = upsales.get(resource, each).data
            except Gone:
                data = None
            except Failure as failure:
                return Answered(found, str(failure), upsales.heard.calls)
            found[each] = self._keep(connection, resource, each, data)
        return Answered(found, None, upsales.heard.calls)

    def searched(self, event: str, key: Key) -> Sequence[int] | None:
        """What a search for the event's key showed lately; None: it was not made."""
        found = self._searched.get((event, key))
        return None if found is None or found[1] < self._clock() - KEPT else found[0]

    def search(self, event: str, connection: str, key: Key, matches: Sequence[Match]) -> Answered:
        """The records that Upsales's search shows for any of the natural keys."""
        asked = searchable(matches)
        if not asked:
            return Answered({}, "the sender tells nothing by which Upsales could be searched")
        try:
            upsales = self._upsales(connection, event)
            records = upsales.search_any(key.resource, asked)
        except RelayError as error:
            return Answered({}, str(error))
        found = {each.id: self._keep(connection, key.resource, each.id, each.data) for each in records}
        with self._lock:
            self._searched[event, key] = (sorted(found), self._clock())
            while len(self._searched) > MOST_KEPT:
                del self._searched[next(iter(self._searched))]
        return Answered(found, None, upsales.heard.calls)

    def learn_fields(self, connection: str, resource: Resource, aliases: Iterable[str]) -> None:
        """The ids of these custom fields, of those that Upsales has."""
        unknown = [alias for alias in aliases if (connection, resource, alias) not in self._fields]
        for alias in unknown:
            with suppress(RelayError):
                field = self._upsales(connection, None).custom_field(resource, alias)
                self._fields[connection, resource, alias] = field.id

    def fields(self, connection: str, resource: Resource) -> Mapping[str, int]:
        """The custom fields that were learnt, by alias."""
        known = list(self._fields.items())
        return {alias: number for (of, what, alias), number in known if (of, what) == (connection, resource)}

    def plentiful(self, connection: str) -> bool:
        """Whether its key has so much left that a page may ask of its own accord, and Upsales answers it."""
        from worker.upsales.budget import Budget, Past

        parts = self._parts
        try:
            with parts.store.read() as conn:
                state = connections.get(conn, connection)
            if not state.runs or connection not in parts.settings.connections:
                return False
            key = parts.keys.fingerprint(parts.keys.api_key(connection))
            left = Budget(parts.redis, key, parts.settings.upsales, lambda *_: Past(())).left()
        except RelayError:
            return False
        return all(window.left >= window.limit * PLENTY for window in left)

    def _upsales(self, connection: str, event: str | None) -> Upsales:
        configured = connection_of(self._parts, connection)
        return self._parts.runtime.binding.of(configured).upsales.on_behalf(event, notify=False)

    def _keep(self, connection: str, resource: Resource, record: int, data: Mapping[str, Any] | None) -> Shown:
        shown = Shown(record, data, datetime.now(UTC), self._clock())
        with self._lock:
            self._kept.pop((connection, resource, record), None)
            self._kept[connection, resource, record] = shown
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return shown
