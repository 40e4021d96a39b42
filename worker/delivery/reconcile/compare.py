"""Compares the things of one page with our links and with what Upsales shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from worker.delivery.reconcile.things import Thing
from worker.errors import (
    Failure,
    Gone,
    Refused,
    Rejected,
    Stopping,
    Throttled,
    Unauthorized,
    Unavailable,
    Unlinked,
    Waiting,
)
from worker.plan import Resource
from worker.store import StoreUnavailable
from worker.store.sources.findings import Finding, What
from worker.sync.context import Access
from worker.sync.drift import PEOPLES, Difference, differences, newer_side
from worker.sync.fold import Change
from worker.sync.imagined import ImaginedCrm, ImaginedLedger
from worker.sync.mend import carries_marker, wanted_of
from worker.sync.ports import Crm, Ledger
from worker.sync.records import Found, Json, Link, LinkState
from worker.sync.run import changes_of, run

WAITS = "pending"


class Reads(Crm, Protocol):
    """Upsales, and several of its records at a time."""

    def of_ids(self, resource: Resource, ids: Collection[int]) -> Mapping[int, Found]: ...


@dataclass(slots=True)
class Records:
    """Records of Upsales, read many at a time. What a list doesn't show is asked for: search lags, and hides what is inactive."""

    crm: Reads
    _known: dict[tuple[Resource, int], Found | None] = field(default_factory=dict)

    def read(self, wanted: Mapping[Resource, Collection[int]]) -> None:
        for resource, ids in wanted.items():
            left = {number for number in ids if (resource, number) not in self._known}
            if not left:
                continue
            try:
                shown = self.crm.of_ids(resource, left)
            except Refused:
                shown = {}
            self._known |= {(resource, number): found for number, found in shown.items()}
            for number in sorted(left - shown.keys()):
                self._known[resource, number] = self.afresh(resource, number)

    def of(self, resource: Resource, number: int) -> Found | None:
        """None where it is gone."""
        if (resource, number) not in self._known:
            self._known[resource, number] = self.afresh(resource, number)
        return self._known[resource, number]

    def afresh(self, resource: Resource, number: int) -> Found | None:
        try:
            return self.crm.get(resource, number)
        except Gone:
            return None


@dataclass(slots=True)
class Comparing:
    """One page. `fates`: how the newest event of each subject ended, or that one waits. `stored`: what Upsales made of what it was last sent.

    `patiently` waits while the budget is spent.
    """

    crm: Reads
    ledger: Ledger
    open_access: Callable[[Crm, Ledger], Access]
    fates: Mapping[str, str]
    stored: Callable[[Resource, int], Mapping[str, Json]]
    patiently: Callable[[Callable[[], Sequence[Finding]]], Sequence[Finding]]
    over_people: bool = False
    records: Records = field(init=False)
    _imagined: tuple[ImaginedCrm, ImaginedLedger] = field(init=False)

    def __post_init__(self) -> None:
        self.records = Records(self.crm)
        self._imagined = ImaginedCrm(self.crm), ImaginedLedger(self.ledger)

    def ready(self, things: Sequence[Thing]) -> None:
        """Reads all records that the things are linked to. Raises Throttled."""
        wanted: dict[Resource, set[int]] = {}
        for thing in things:
            for upsert in thing.planned.plan if thing.planned else ():
                link = self.ledger.link(upsert.key)
                if link is not None and link.state is LinkState.LINKED and link.record_id is not None:
                    wanted.setdefault(upsert.key.resource, set()).add(link.record_id)
        self.records.read(wanted)

    def of(self, thing: Thing) -> Sequence[Finding]:
        """Nothing for a thing of which an event waits: that one is on its way."""
        if thing.planned is None or self.fates.get(thing.item.event.subject) == WAITS:
            return ()
        return self.patiently(lambda: self._of(thing))

    def _of(self, thing: Thing) -> Sequence[Finding]:
        assert thing.planned is not None
        access = self.open_access(*self._imagined)
        try:
            changes = changes_of(access, [thing.planned])
        except Rejected:
            return ()
        found: list[Finding] = []
        unlinked: list[Change] = []
        for change in changes:
            link = self.ledger.link(change.key)
            if link is None:
                unlinked.append(change)
            elif link.state is LinkState.LINKED:
                found += self._linked(access, thing, change, link)
        if any(change.maker is not None for change in unlinked):
            found += self._unlinked(access, thing, unlinked)
        return found

    def _linked(self, access: Access, thing: Thing, change: Change, link: Link) -> Sequence[Finding]:
        resource, number = change.key.resource, link.record_id
        if number is None:
            return ()
        found = self.records.of(resource, number)
        if found is None:
            return [self._finding("gone", thing, change, number, mends=True)]
        if not self._differing(access, change, found):
            return ()
        # A list may lag behind what was written just now.
        found = self.records.afresh(resource, number)
        if found is None:
            return [self._finding("gone", thing, change, number, mends=True)]
        differing = self._differing(access, change, found, self.stored(resource, number))
        if not differing:
            return ()
        mends = self.over_people or any(each.why not in PEOPLES for each in differing)
        finding = self._finding("different", thing, change, number, mends=mends)
        fields = {each.name: each.why for each in differing}
        return [replace(finding, fields=fields, newer=newer_side(thing.item.changed, found.data))]

    def _differing(
        self, access: Access, change: Change, found: Found, stored: Mapping[str, Json] | None = None
    ) -> Sequence[Difference]:
        record = self.ledger.record(change.key.resource, found.id)
        if record.open_writes:
            # Its outcome is looked for already.
            return ()
        links = {key: self.ledger.link(key) for key in change.links}
        ids = {key: link.record_id for key, link in links.items() if link is not None and link.record_id is not None}
        try:
            wanted = wanted_of(access, change.knowing(ids), record, ids)
        except (Unlinked, Rejected):
            # What it links to is missing itself; what can't be written is no drift.
            return ()
        present = access.view(change.key.resource, found.data)
        return differences(wanted, record, present, ours=carries_marker(access, change.key, present), stored=stored)

    def _unlinked(self, access: Access, thing: Thing, changes: Sequence[Change]) -> Sequence[Finding]:
        """As an event would find or make them, in memory."""
        assert thing.planned is not None
        trouble: Failure | None = None
        try:
            run(access, [thing.planned])
        except (Throttled, Unauthorized, Unavailable, StoreUnavailable, Stopping):
            raise
        except Failure as failure:
            trouble = failure
        return [finding for change in changes if (finding := self._new(access, thing, change, trouble)) is not None]

    def _new(self, access: Access, thing: Thing, change: Change, trouble: Failure | None) -> Finding | None:
        link = self._imagined[1].link(change.key)
        number = None if link is None else link.record_id
        # What only waits, for others or for its own record, an event waits for, too.
        mends = trouble is None or isinstance(trouble, Waiting | Unlinked)
        if number is not None and number > 0:
            found = self._finding("unlinked", thing, change, number, mends=mends)
            return replace(found, because=f"found by {access.found_by.get(change.key, 'its key')}")
        if number is None and trouble is None:
            # Another record stands in for it.
            return None
        if number is None and change.maker is None:
            return None
        found = self._finding("missing", thing, change, None, mends=mends)
        return found if found.because or trouble is None else replace(found, because=trouble.code)

    def _finding(self, what: What, thing: Thing, change: Change, number: int | None, *, mends: bool) -> Finding:
        fate = self.fates.get(thing.item.event.subject)
        return Finding(
            what=what,
            kind=thing.item.kind,
            thing=thing.item.thing,
            resource=change.key.resource,
            key=change.key.id,
            record_id=number,
            because=fate if fate in ("dead", "review") else None,
            mends=mends and fate != "review",
        )
