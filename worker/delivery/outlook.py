"""Tells a claim what the other events that wait will make."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from worker.delivery.forecast import Forecast, Makes
from worker.plan import Key
from worker.settings import Connection
from worker.store import Store
from worker.store.events import events
from worker.store.lanes.lanes import Claim
from worker.sync.waits import next_try


@dataclass
class ClaimOutlook:
    """The outlook of one claim. What waits is read once, when it is first asked for.

    Two events may each wait for the other: from `expects_until` on nothing is expected any more.
    """

    store: Store
    forecast: Forecast
    connection: Connection
    claim: Claim
    give_up: float

    def makes(self, key: Key) -> float | None:
        return self._again if self._unseen or any(made.unread or key in made.keys for made in self._made) else None

    def makes_product(self, article_no: str) -> float | None:
        wanted = article_no.strip()
        unsure = self._unseen or any(made.unread or wanted in made.articles for made in self._made)
        return self._again if unsure else None

    @property
    def _again(self) -> float | None:
        until = min((event.expects_until for event in self.claim.events if event.expects_until), default=None)
        left = self.give_up if until is None else (until - self._near.now) / timedelta(seconds=1)
        return None if left < 0 else next_try(self.give_up - left)

    @property
    def _unseen(self) -> bool:
        """Whether more events wait than are looked at."""
        return self._near.more

    @cached_property
    def _near(self) -> events.Near:
        with self.store.read() as conn:
            return events.near(conn, self.connection.name, self.claim.events[0])

    @cached_property
    def _made(self) -> Collection[Makes]:
        return self.forecast.made_by(self.connection, self._near.events)
