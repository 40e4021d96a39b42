"""Tells exactly what a backfill would do, and does nothing."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, TypeVar

from worker.delivery.backfill.items import NOBODY, Item, Lister
from worker.delivery.backfill.known import known_of
from worker.delivery.backfill.reading import read_for
from worker.delivery.listed import Shown
from worker.errors import Failure, NeedsReview, Rejected, SourceThrottled, Throttled, Unlinked, Waiting
from worker.plan import Ignored, Plan, Resource
from worker.sdk.route import plan_event, rank_of
from worker.settings import Connection, Settings, Upsales
from worker.settings.timing import timing_of
from worker.sources.ports import Reader
from worker.store import Store
from worker.store.lanes import connections
from worker.store.ledger.known import known_to
from worker.sync.context import Access
from worker.sync.fold import Planned
from worker.sync.imagined import ImaginedCrm, ImaginedLedger
from worker.sync.ports import Crm
from worker.sync.run import run

LAST = 2**62
"""Its place in the order of arrival: after all that is there."""
BACK_LATER = 100
"""Times that one waits for the budget before it is told as what it raises."""
SHARE = 0.98
"""What a backfill may use of a window."""

Touched: TypeAlias = tuple[Resource, int]
T = TypeVar("T")


@dataclass(slots=True)
class Foreseen:
    """What would become of things. By resource: records that would be `made`, `adopted`, `changed`, and those `left` alone as they are.

    `adopted` counts a record that would be changed, too; `changed` those that are linked already. `known`: an event brought them
    already. `nobody`: concern nobody. `faulty`: can't be told, with why. `review`, `dead`, `ignored`: how others would end.
    """

    things: Counter[str] = field(default_factory=Counter)
    known: int = 0
    nobody: int = 0
    faulty: list[str] = field(default_factory=list)
    review: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    made: Mapping[Resource, int] = field(default_factory=dict)
    adopted: Mapping[Resource, int] = field(default_factory=dict)
    changed: Mapping[Resource, int] = field(default_factory=dict)
    left: Mapping[Resource, int] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0
    events: int = 0

    @property
    def total(self) -> int:
        return sum(self.things.values())

    def minutes(self, settings: Upsales, a_minute: int) -> int:
        """About how long it takes at the budget, or at the rate where that is slower."""
        calls = self.reads + self.writes
        waits = [_seconds(calls, window.limit, window.seconds) for window in settings.calls]
        waits += [_seconds(self.writes, window.limit, window.seconds) for window in settings.writes]
        return max(math.ceil(max([*waits, 0.0]) / 60), math.ceil(self.events / a_minute))


def _seconds(calls: int, limit: int, seconds: float) -> float:
    """The first window is there at once; the others come one after another."""
    windows = math.ceil(calls / max(limit * SHARE, 1)) - 1
    return max(windows, 0) * seconds


def foresight(store: Store, settings: Settings, connection: Connection, crm: Crm) -> Foresight:
    """`crm`: Upsales through the connection's key. It is asked, and nothing is written."""
    with store.read() as conn:
        rebound_for = connections.get(conn, connection.name).rebound_for

    def open_access(imagined: ImaginedCrm, ledger: ImaginedLedger) -> Access:
        return Access(
            imagined,
            ledger,
            timing_of(settings),
            matching=settings.matching,
            rebound_for=rebound_for,
            adoption=connection.adoption,
        )

    def known(shown: Sequence[Shown]) -> Sequence[bool]:
        with store.read() as conn:
            return known_of(conn, connection, shown)

    ledger = ImaginedLedger(known_to(store, connection.name, settings.upsales.settled_after))
    return Foresight(connection, ImaginedCrm(crm), ledger, known, open_access)


@dataclass(slots=True)
class Foresight:
    """`known`: for each thing that is told whether an event brought it. `open_access`: gives what is worked with, of what is known and what the run adds to it. `pause`: waits so many seconds for the budget."""

    connection: Connection
    crm: ImaginedCrm
    ledger: ImaginedLedger
    known: Callable[[Sequence[Shown]], Sequence[bool]]
    open_access: Callable[[ImaginedCrm, ImaginedLedger], Access]
    pause: Callable[[float], None] = time.sleep
    found: Foreseen = field(default_factory=Foreseen)
    _touched: set[Touched] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)
    _later: list[Planned] = field(default_factory=list)

    def of(
        self,
        reader: Reader,
        kinds: Sequence[str],
        since: datetime | None,
        tell: Callable[[int], None] = lambda _number: None,
    ) -> Foreseen:
        """Raises what the reader raises."""
        for kind in kinds:
            for items in self._pages(reader, kind, since):
                for item in self._new(items):
                    self._one(item, reader)
                tell(self.found.total)
        # What links to things that came after it has them now.
        later, self._later = self._later, []
        for planned in later:
            self._run(planned, again=False)
        return self._counted()

    def _pages(self, reader: Reader, kind: str, since: datetime | None) -> Iterator[Sequence[Item]]:
        bookmark: str | None = None
        while True:
            page = self._patiently(lambda at=bookmark: reader.page(kind, since, at))  # type: ignore[misc]
            lister = Lister(self.connection.connector, kind, page.read_at)
            read = [lister.item(raw) for raw in page.items]
            self.found.things[kind] += len(read)
            self.found.nobody += sum(each == NOBODY for each in read)
            self.found.faulty += [each for each in read if isinstance(each, str) and each != NOBODY]
            yield [each for each in read if isinstance(each, Item)]
            bookmark = page.bookmark
            if bookmark is None:
                return

    def _new(self, items: Sequence[Item]) -> Sequence[Item]:
        """Those that no event has brought, not even one before them in this run."""
        known = self.known([item.shown for item in items])
        fresh = []
        for item, there in zip(items, known, strict=True):
            if there or item.event_id in self._seen:
                self.found.known += 1
            else:
                self._seen.add(item.event_id)
                fresh.append(item)
        return fresh

    def _one(self, item: Item, reader: Reader) -> None:
        self.found.events += 1
        connector = self.connection.connector
        try:
            read = read_for(connector, item, lambda kind, thing: self._patiently(lambda: reader.get(kind, thing)))
            event = item.event(connector, self.connection.name, read)
            plan = plan_event(connector, self.connection.settings, event)
        except (Rejected, NeedsReview) as failure:
            self.found.dead.append(f"{item.subject}: {failure}")
            return
        if isinstance(plan, Ignored) or not plan:
            self.found.ended["ignored"] += 1
            return
        planned = Planned(
            event=item.event_id,
            time=event.time,
            seq=LAST,
            connection=self.connection.name,
            plan=plan,
            sender_version=event.version,
            rank=rank_of(connector, item.type),
        )
        self._run(planned, again=True)

    def _run(self, planned: Planned, *, again: bool) -> None:
        try:
            self._patiently(lambda: run(self.open_access(self.crm, self.ledger), [planned]))
        except (Unlinked, Waiting) as failure:
            if again:
                self._later.append(planned)
            else:
                self.found.dead.append(f"{planned.event}: {failure}")
        except NeedsReview as failure:
            self.found.review.append(str(failure))
        except (Rejected, Failure) as failure:
            self.found.dead.append(f"{planned.event}: {failure}")
        self._touch(planned.plan)

    def _touch(self, plan: Plan) -> None:
        for upsert in plan:
            link = self.ledger.link(upsert.key)
            if link is not None and link.record_id is not None:
                self._touched.add((upsert.key.resource, link.record_id))

    def _patiently(self, ask: Callable[[], T]) -> T:
        for _ in range(BACK_LATER):
            try:
                return ask()
            except (Throttled, SourceThrottled) as failure:
                self.pause(max(failure.seconds, 0.1))
        return ask()

    def _counted(self) -> Foreseen:
        found = self.found
        made, changed, adopted = set(self.crm.made), set(self.crm.changed), self.ledger.adopted
        found.made = _by_resource(made)
        found.adopted = _by_resource(adopted)
        found.changed = _by_resource(changed - adopted)
        found.left = _by_resource(self._touched - made - changed - adopted)
        found.reads, found.writes = self.crm.reads, self.crm.writes
        return found


def _by_resource(records: set[Touched]) -> Mapping[Resource, int]:
    return Counter(resource for resource, _ in records)
