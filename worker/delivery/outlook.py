"""Tells which records the other waiting events of a connection would make."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from threading import Lock

from worker.delivery.planning import planned
from worker.plan import Key, Plan
from worker.settings import Connection
from worker.store import Store
from worker.store.events import events
from worker.store.events.events import WaitingEvent
from worker.store.lanes.lanes import Claim
from worker.sync.references import ARTICLE
from worker.sync.waits import next_try

KEPT = 20_000
"""Events whose plans are remembered."""


@dataclass(frozen=True, slots=True)
class Makes:
    """What one event would make: records by key, products by article number."""

    keys: frozenset[Key] = frozenset()
    articles: frozenset[str] = frozenset()


class Outlooks:
    """Plans each waiting event once. Safe to share between threads."""

    def __init__(self, store: Store, give_up: float) -> None:
        self.store = store
        self.give_up = give_up
        self._makes: OrderedDict[str, Makes] = OrderedDict()
        self._lock = Lock()

    def of(self, connection: Connection, claim: Claim) -> Outlook:
        return Outlook(self, connection, claim)

    def made_by(self, connection: Connection, waiting: Sequence[WaitingEvent]) -> Sequence[Makes]:
        with self._lock:
            unknown = [event for event in waiting if event.id not in self._makes]
        if unknown:
            self._plan(connection, unknown)
        with self._lock:
            return [self._makes.get(event.id, Makes()) for event in waiting]

    def _plan(self, connection: Connection, waiting: Sequence[WaitingEvent]) -> None:
        plans, _ = planned(self.store, connection, waiting, max(event.claims for event in waiting))
        found = dict.fromkeys((event.id for event in waiting), Makes())
        found |= {each.event: _makes(each.plan) for each in plans}
        with self._lock:
            self._makes |= found
            while len(self._makes) > KEPT:
                self._makes.popitem(last=False)


@dataclass
class Outlook:
    """The outlook of one claim. What waits is read once, when it is first asked for.

    Two events may each wait for the other: from `waits_until` on nothing is expected any more.
    """

    outlooks: Outlooks
    connection: Connection
    claim: Claim

    def makes(self, key: Key) -> float | None:
        return self._again if self._unseen or any(key in made.keys for made in self._made) else None

    def makes_product(self, article_no: str) -> float | None:
        wanted = article_no.strip()
        return self._again if self._unseen or any(wanted in made.articles for made in self._made) else None

    @property
    def _again(self) -> float | None:
        until = min((event.waits_until for event in self.claim.events if event.waits_until), default=None)
        left = self.outlooks.give_up if until is None else (until - self._near.now) / timedelta(seconds=1)
        return None if left < 0 else next_try(self.outlooks.give_up - left)

    @property
    def _unseen(self) -> bool:
        """Whether more events wait than are looked at."""
        return self._near.more

    @cached_property
    def _near(self) -> events.Near:
        own = [event.id for event in self.claim.events]
        with self.outlooks.store.read() as conn:
            return events.near(conn, self.connection.name, self.claim.events[0], besides=own)

    @cached_property
    def _made(self) -> Collection[Makes]:
        return self.outlooks.made_by(self.connection, self._near.events)


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
