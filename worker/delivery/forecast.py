"""Plans events that wait ahead of their turn, to tell what they would make."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

from worker.delivery.planning import planned
from worker.plan import Key, Plan
from worker.settings import Connection
from worker.store import Store
from worker.store.events.events import WaitingEvent
from worker.sync.references import ARTICLE

KEPT = 20_000
"""Events whose plans are remembered."""


@dataclass(frozen=True, slots=True)
class Makes:
    """What one event would make: records by key, products by article number."""

    keys: frozenset[Key] = frozenset()
    articles: frozenset[str] = frozenset()


Told: TypeAlias = tuple[str, str]
"""An event and the request that holds its body: a dead event's sender may send it again with another one."""


class Forecast:
    """Plans each waiting event once. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._makes: OrderedDict[Told, Makes] = OrderedDict()
        self._lock = Lock()

    def made_by(self, connection: Connection, waiting: Sequence[WaitingEvent]) -> Sequence[Makes]:
        with self._lock:
            unknown = [event for event in waiting if _told(event) not in self._makes]
        if unknown:
            self._plan(connection, unknown)
        with self._lock:
            return [self._makes.get(_told(event), Makes()) for event in waiting]

    def _plan(self, connection: Connection, waiting: Sequence[WaitingEvent]) -> None:
        plans, _ = planned(self._store, connection, waiting, max(event.claims for event in waiting))
        makes = {each.event: _makes(each.plan) for each in plans}
        found = {_told(event): makes.get(event.id, Makes()) for event in waiting}
        with self._lock:
            self._makes |= found
            while len(self._makes) > KEPT:
                self._makes.popitem(last=False)


def _told(event: WaitingEvent) -> Told:
    return event.id, event.request_id


def _makes(plan: Plan) -> Makes:
    making = [upsert for upsert in plan if upsert.create]
    articles = {
        match.value.strip()
        for upsert in making
        if upsert.key.resource == "product"
        for match in upsert.match
        if match.field == ARTICLE
    }
    return Makes(frozenset(upsert.key for upsert in making), frozenset(articles))
