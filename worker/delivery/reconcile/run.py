"""Goes through all that a sender has, and says what does not agree with it in Upsales."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeVar

from worker.delivery.backfill.items import listed_kinds
from worker.delivery.catch_up_items import Item
from worker.delivery.reconcile.compare import WAITS, Comparing, Reads, Records
from worker.delivery.reconcile.leftover import Leftover, Shapes
from worker.delivery.reconcile.repair import Repair
from worker.delivery.reconcile.seen import Seen
from worker.delivery.reconcile.things import Thing, items_of, thing_of
from worker.errors import ConfigError, NotAsDeclared, SourceThrottled, Throttled, TooEarly
from worker.logs.masking import id_shown
from worker.plan import NATURAL, Resource
from worker.settings import Connection, Settings
from worker.settings.timing import timing_of
from worker.sources.ports import Page, Reader
from worker.store import Store
from worker.store.db.clock import now
from worker.store.lanes import connections
from worker.store.ledger.known import known_to
from worker.store.ledger.record_pages import RecordAt, last_stored
from worker.store.sources import reconciliations
from worker.store.sources.findings import WHATS, Finding
from worker.store.sources.reconciliations import KEPT, Linked, Reconciliation
from worker.sync.context import Access
from worker.sync.ports import Crm, Ledger
from worker.sync.records import Json

BACK_LATER: Final = 1_000
"""Times that one waits for the budget before what it raises is told."""
ROOM: Final = 20
"""Events of a repair that are stored at a time: live events have the workers in between."""
LOOK_AGAIN: Final = 1.0
"""Seconds until it is looked whether there is room again."""
LOOKS: Final = 60
"""After so many looks it goes on all the same."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be compared. `limit`: things; None for all. `by`: who has it done."""

    kinds: Sequence[str]
    since: datetime | None = None
    limit: int | None = None
    repair: bool = False
    over_people: bool = False
    by: str = ""


@dataclass(slots=True)
class Reconciling:
    """One run. Upsales and the sender are read, beside live events and behind them; nothing is written but the events of a repair.

    `pause` waits so many seconds. `tell` is called with the number of things looked at.
    """

    store: Store
    settings: Settings
    connection: Connection
    reader: Reader
    crm: Reads
    pause: Callable[[float], None] = time.sleep
    tell: Callable[[int], None] = lambda _number: None
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    _told: set[tuple[str, str, str]] = field(default_factory=set)
    _keys: Seen = field(default_factory=Seen)
    _things: Seen = field(default_factory=Seen)
    _shapes: Shapes = field(default_factory=Shapes)

    def run(self, asked: Asked) -> Reconciliation:
        """Raises what the reader and Upsales raise, but for what only waits."""
        with self.store.read() as conn:
            run, started_at = reconciliations.begin(conn)
        repair = Repair(self.store, self.connection.name, run, asked.over_people)
        ended = [self._kind(kind, asked, repair) for kind in asked.kinds]
        whole = all(ended) and asked.since is None
        if whole:
            self._leftover(asked)
        with self.store.write() as conn:
            done = Reconciliation(
                id=run,
                connection=self.connection.name,
                kinds=asked.kinds,
                since=asked.since,
                whole=whole,
                repair=asked.repair,
                over_people=asked.over_people,
                by=asked.by,
                started_at=started_at,
                ended_at=now(conn),
                counts=self.counts,
                findings=self.findings,
                more=sum(self.counts[what] for what in WHATS) - len(self.findings),
            )
            reconciliations.store(conn, done)
        return done

    def _kind(self, kind: str, asked: Asked, repair: Repair) -> bool:
        """Whether all of it was looked at."""
        bookmark: str | None = None
        while True:
            page = self._patiently(lambda at=bookmark: self.reader.page(kind, asked.since, at))  # type: ignore[misc]
            if not self._page(kind, page, asked, repair):
                return False
            if page.bookmark is None:
                return True
            if page.bookmark == bookmark:
                raise NotAsDeclared(f"{kind}: a page of the list names itself as the next one")
            bookmark = page.bookmark

    def _page(self, kind: str, page: Page, asked: Asked, repair: Repair) -> bool:
        source = self.connection.connector.source
        changes = None if source is None else source.kinds[kind].changes
        if changes is None:
            raise ConfigError(f"{self.connection.connector.name} lists no {kind}")
        items, nobody = items_of(self.connection.connector, kind, changes, page)
        left = None if asked.limit is None else max(asked.limit - self.counts["things"], 0)
        some = items if left is None else items[:left]
        self.counts["nobody"] += nobody
        things = [thing for item in some if (thing := self._thing(item, page)) is not None]
        broken = self._compared(things, asked)
        if asked.repair:
            self._repair(broken, repair)
        self.tell(self.counts["things"])
        return len(some) == len(items)

    def _thing(self, item: Item, page: Page) -> Thing | None:
        self.counts["things"] += 1
        self._things.add(item.kind, item.thing)
        try:
            thing = self._patiently(lambda: thing_of(self.connection, self.reader, item, page))
        except TooEarly:
            self.counts["waiting"] += 1
            return None
        if thing.ending is not None:
            self.counts[thing.ending] += 1
        for upsert in thing.planned.plan if thing.planned else ():
            for key in (upsert.key, *upsert.also):
                self._keys.add(key.resource, key.id)
            self._shapes.learn(item.kind, item.thing, upsert.key)
        return thing

    def _compared(self, things: Sequence[Thing], asked: Asked) -> Sequence[Thing]:
        """Answers those that a repair would do something about."""
        subjects = [thing.item.event.subject for thing in things]
        with self.store.read() as conn:
            fates = reconciliations.fates(conn, self.connection.name, subjects)
        self.counts["waiting"] += sum(fates.get(subject) == WAITS for subject in subjects)
        comparing = self._comparing(asked, fates)
        self._patiently(lambda: comparing.ready(things))
        broken = []
        for thing in things:
            found = comparing.of(thing)
            self._note(found)
            if any(each.mends for each in found):
                broken.append(thing)
        return broken

    def _comparing(self, asked: Asked, fates: Mapping[str, str]) -> Comparing:
        ledger = known_to(self.store, self.connection.name, self.settings.upsales.settled_after)
        with self.store.read() as conn:
            state = connections.get(conn, self.connection.name)
        account = -1 if state.account is None else state.account

        def opened(crm: Crm, known: Ledger) -> Access:
            return Access(
                crm,
                known,
                timing_of(self.settings),
                matching=self.settings.matching,
                rebound_for=state.rebound_for,
                adoption=self.connection.adoption,
            )

        def stored(resource: Resource, number: int) -> dict[str, Json]:
            with self.store.read() as conn:
                return dict(last_stored(conn, RecordAt(account, resource, number)))

        return Comparing(
            self.crm,
            ledger,
            opened,
            fates,
            stored,
            self._patiently,
            over_people=asked.over_people,
        )

    def _note(self, found: Sequence[Finding]) -> None:
        """Each once: several things may want one company."""
        for each in found:
            about = (each.what, each.resource, str(each.key))
            if about in self._told:
                continue
            self._told.add(about)
            self.counts[each.what] += 1
            if len(self.findings) < KEPT:
                self.findings.append(_shown(each))

    def _repair(self, broken: Sequence[Thing], repair: Repair) -> None:
        for start in range(0, len(broken), ROOM):
            self._make_room(repair)
            self.counts["repairs"] += repair.begin(broken[start : start + ROOM])

    def _make_room(self, repair: Repair) -> None:
        """Not for ever: what waits for somebody else, or for a connection that is paused, stops no other."""
        for _ in range(LOOKS):
            with self.store.read() as conn:
                number = reconciliations.waiting(conn, self.connection.name, repair.prefix)
            if not number:
                return
            self.pause(LOOK_AGAIN)

    def _leftover(self, asked: Asked) -> None:
        source, name = self.connection.connector.source, self.connection.name
        kinds = {} if source is None else source.kinds

        def linked(after: Linked | None, limit: int) -> Sequence[Linked]:
            with self.store.read() as conn:
                return reconciliations.linked(conn, name, after, limit)

        leftover = Leftover(
            self.reader,
            lambda: Records(self.crm),
            self._keys,
            self._things,
            self._shapes,
            frozenset(kind for kind, declared in kinds.items() if declared.get is not None),
            linked,
            everything=set(asked.kinds) >= set(listed_kinds(self.connection.connector)),
        )
        for checks in leftover.pages():
            for check in checks:
                finding = self._patiently(check)
                if finding is not None:
                    self._note([finding])

    def _patiently(self, ask: Callable[[], T]) -> T:
        for _ in range(BACK_LATER):
            try:
                return ask()
            except (Throttled, SourceThrottled) as failure:
                self.pause(max(failure.seconds, 0.1))
        return ask()


def _shown(found: Finding) -> Finding:
    """Without what may name somebody."""
    named = found.key is not None and found.key.startswith(NATURAL)
    key = None if found.key is None or named else id_shown(found.key)
    return replace(found, thing=id_shown(found.thing), key=key)
