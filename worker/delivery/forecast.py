"""Plans events that wait ahead of their turn, to tell what they would make."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

from worker.delivery.planning import StoredRequests, planned
from worker.errors import RelayError
from worker.plan import Key, Plan
from worker.settings import Connection
from worker.store import Store
from worker.store.events.events import WaitingEvent
from worker.sync.references import ARTICLE

KEPT = 20_000
"""Events whose plans are remembered."""


@dataclass(frozen=True, slots=True)
class Makes:
    """What one event would make: records by key, products by article number.

    `unread`: nobody can tell, until what it needs of its sender's API is read.
    """

    keys: frozenset[Key] = frozenset()
    articles: frozenset[str] = frozenset()
    unread: bool = False


UNREAD = Makes(unread=True)
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
        unread = self._plan(connection, unknown) if unknown else frozenset()
        with self._lock:
            return [UNREAD if event.id in unread else self._makes.get(_told(event), Makes()) for event in waiting]

    def _plan(self, connection: Connection, waiting: Sequence[WaitingEvent]) -> frozenset[str]:
        """Answers those that are not read yet: of them nothing is remembered."""
        requests = StoredRequests(self._store, connection.connector, waiting)
        unread = frozenset(event.id for event in waiting if requests.unread(event))
        readable = [event for event in waiting if event.id not in unread]
        found = self._foreseen(connection, readable) if readable else {}
        with self._lock:
            self._makes |= found
            while len(self._makes) > KEPT:
                self._makes.popitem(last=False)
        return unread

    def _foreseen(self, connection: Connection, waiting: Sequence[WaitingEvent]) -> Mapping[Told, Makes]:
        """An event that can't be looked at makes nothing: what it raises does not end the one that looks at it."""
        try:
            plans, _ = planned(self._store, connection, waiting, max(event.claims for event in waiting))
            makes = {each.event: _makes(each.plan) for each in plans}
        except RelayError:
            raise
        except Exception:  # noqa: BLE001 - a connector may be anybody's code; the event's own delivery tells what was raised
            if len(waiting) == 1:
                return {_told(waiting[0]): Makes()}
            return {told: made for event in waiting for told, made in self._foreseen(connection, [event]).items()}
        return {_told(event): makes.get(event.id, Makes()) for event in waiting}


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
