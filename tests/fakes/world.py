"""Lanes of several connections, worked off against one Upsales as delivery and the sweep would."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from tests.fakes.breaking import Tripwire, tapped
from tests.fakes.clock import Clock
from tests.fakes.crm import FakeCrm
from tests.fakes.ledger import MemoryStore
from tests.fakes.snapshot import Snapshot, snapshot
from tests.fakes.upsales import FakeUpsales
from worker.errors import (
    Busy,
    Failure,
    LeaseLost,
    NeedsReview,
    OutcomeUnknown,
    Refused,
    Rejected,
    Unavailable,
    Waiting,
)
from worker.plan import RESOURCES, Key, Resource, Upsert
from worker.sync.adoption import Adoption
from worker.sync.context import Access, Timing
from worker.sync.fold import Planned
from worker.sync.matching import Matching
from worker.sync.ports import Crm, Ledger
from worker.sync.recheck import recheck
from worker.sync.result import Result
from worker.sync.run import run

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LEASE = 120.0


@dataclass(slots=True)
class Lane:
    """What waits for one subject."""

    connection: str = "butik"
    subject: str = "kund:Åsa"
    waiting: list[Planned] = field(default_factory=list)


class FakeOutlook:
    """What the lanes that wait elsewhere would make."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._upserts = [upsert for lane in lanes for event in lane.waiting for upsert in event.plan if upsert.create]

    def makes(self, key: Key) -> float | None:
        return 0.1 if any(upsert.key == key for upsert in self._upserts) else None

    def makes_product(self, article_no: str) -> float | None:
        matches = [match for upsert in self._upserts if upsert.key.resource == "product" for match in upsert.match]
        return 0.1 if any(match.value == article_no for match in matches) else None


class World:
    """`marked`: the resources whose records carry our marker. `wire` taps the ports of every worker."""

    def __init__(
        self,
        *,
        marked: Collection[Resource] = RESOURCES,
        search_lag: float = 5.0,
        settled_after: float = 300.0,
        call_timeout: float = 30.0,
    ) -> None:
        self.clock = Clock()
        self.upsales = FakeUpsales(self.clock, search_lag=search_lag, call_timeout=call_timeout, marked=marked)
        self.store = MemoryStore(self.clock, settled_after=settled_after)
        self.timing = Timing(search_lag=search_lag, settled_after=settled_after, call_timeout=call_timeout)
        self.recreate_deleted = False
        self.forbidden: Collection[Resource] = ()
        self.effective: set[str] = set()
        self.wire: Tripwire | None = None
        self.elsewhere: list[Lane] = []
        self.rebound_at: float | None = None
        self.matching = Matching()
        self.adoption: Adoption | None = None
        self._seq = 0

    def event(
        self,
        *upserts: Upsert,
        minute: float | None = None,
        connection: str = "butik",
        version: int | None = None,
        rank: int = 0,
    ) -> Planned:
        """The next event to arrive; it happened as many minutes past noon, by default in the order of arrival."""
        self._seq += 1
        return Planned(
            event=f"event-{self._seq}",
            time=NOON + timedelta(minutes=self._seq if minute is None else minute),
            seq=self._seq,
            connection=connection,
            plan=upserts,
            sender_version=None if version is None else Decimal(version),
            rank=rank,
        )

    def lane(self, *upserts: Upsert, connection: str = "butik", subject: str = "kund:Åsa") -> Lane:
        """A lane with one event."""
        return Lane(connection, subject, [self.event(*upserts, connection=connection)])

    def access(self, lane: Lane) -> Access:
        """A worker's claim of the lane."""
        event = lane.waiting[-1].event if lane.waiting else None
        ledger: Ledger = self.store.claim(lane.connection, lane.subject, event)
        crm: Crm = FakeCrm(self.upsales, lane.connection, forbidden=self.forbidden)
        outlook = FakeOutlook([other for other in self.elsewhere if other is not lane])
        rebound_for = None if self.rebound_at is None else self.clock.now - self.rebound_at
        return Access(
            tapped(crm, self.wire),
            tapped(ledger, self.wire),
            self.timing,
            outlook,
            matching=self.matching,
            rebound_for=rebound_for,
            adoption=self.adoption,
        )

    def attempt(self, lane: Lane) -> Result:
        """One run of all that waits in the lane."""
        waiting = list(lane.waiting)
        result = run(self.access(lane), waiting, recreate_deleted=self.recreate_deleted)
        self.effective |= result.effective & {planned.event for planned in waiting}
        lane.waiting = [planned for planned in lane.waiting if planned not in waiting]
        return result

    def deliver(self, lane: Lane) -> Result:
        """Run the lane until it is done; what only a person can end is raised."""
        for _ in range(100):
            try:
                return self.attempt(lane)
            except (Waiting, OutcomeUnknown, Unavailable) as failure:
                self.clock.advance(wait(failure))
        raise AssertionError(f"{lane} is never done")

    def now(self, *upserts: Upsert, connection: str = "butik", subject: str = "kund:Åsa") -> Result:
        """Deliver one event."""
        return self.deliver(self.lane(*upserts, connection=connection, subject=subject))

    def rebind(self) -> None:
        """What keys were linked to is forgotten; a connection was bound to another account, and back again."""
        self.store.links.clear()
        self.rebound_at = self.clock.now

    def end(self, lane: Lane, fate: Literal["dead", "review"]) -> None:
        """What waits in the lane ends so, whatever was begun for it."""
        self.store.fates |= dict.fromkeys((planned.event for planned in lane.waiting), fate)
        lane.waiting = []

    def deliver_all(self, lanes: Sequence[Lane]) -> None:
        """Run the lanes in turn until all are done, each as soon as it may."""
        due = dict.fromkeys(range(len(lanes)), self.clock.now)
        for _ in range(200):
            for number in sorted(due, key=lambda number: due[number]):
                if due[number] <= self.clock.now:
                    due[number] = self.clock.now + self._try(lanes[number])
                if not lanes[number].waiting:
                    del due[number]
            if not due:
                return
            with suppress(LeaseLost, Waiting, OutcomeUnknown, Unavailable):
                # Whoever waits for what a dead event began goes on when that is finished.
                self.recheck(creates_only=True)
            self.clock.advance(max(min(due.values()) - self.clock.now, 0.0))
        raise AssertionError("some lane is never done")

    def recheck(self, *, creates_only: bool = False) -> None:
        """Recheck what is due, as the sweep would."""
        for connection, due in self.store.rechecks():
            if creates_only and due.key is None:
                continue
            try:
                recheck(self.access(Lane(connection, f"verify {due.call}")), due)
            except (NeedsReview, Refused, Rejected) as failure:
                self.store.report(due.call, str(failure))

    def settle(self) -> None:
        """Let time pass until nothing is left to recheck."""
        for _ in range(100):
            try:
                self.recheck()
            except Busy as busy:
                self.clock.advance(busy.seconds)
            except (Waiting, OutcomeUnknown, Unavailable) as failure:
                self.clock.advance(wait(failure))
            due = self.store.next_due()
            if due is None:
                return
            self.clock.advance(max(due - self.clock.now, 0.0))
        raise AssertionError("the rechecks never end")

    def snapshot(self) -> Snapshot:
        return snapshot(self.upsales, self.store)

    def _try(self, lane: Lane) -> float:
        try:
            self.attempt(lane)
        except (Waiting, OutcomeUnknown, Unavailable) as failure:
            return wait(failure)
        except LeaseLost:
            return 0.5
        return 0.0


def wait(failure: Failure) -> float:
    return max(getattr(failure, "seconds", 0.0), 0.5)
