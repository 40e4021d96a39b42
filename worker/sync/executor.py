"""Makes Upsales match the changes of a lane; safe to run again from any point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from worker.errors import Gone, OnItsWay, Refused, Unlinked
from worker.plan import Key, Upsert
from worker.sync.context import Access
from worker.sync.create import create, recover
from worker.sync.find import adopt, find, made_before
from worker.sync.fold import Change
from worker.sync.further_keys import going_on, link_also, link_merged
from worker.sync.gone import bury, check_deleted, check_missing, come_back
from worker.sync.homes import moved_home
from worker.sync.lent import without_lent_domain
from worker.sync.marker import check_marker
from worker.sync.matching import LINK, MARKER
from worker.sync.numbered_orders import find_numbered
from worker.sync.numbers import let_go
from worker.sync.opting_out import told_apart
from worker.sync.outside import bury_outside, expect, record_outside
from worker.sync.records import Held, Link, LinkState
from worker.sync.result import Result
from worker.sync.stand_ins import not_needed, replaced, shelter_of
from worker.sync.update import update
from worker.sync.uploads import UPLOADED


def execute(access: Access, changes: Sequence[Change], *, recreate_deleted: bool = False) -> Result:
    """Run the changes in their order. Raises the Failure that stopped it: what was done stays done, and isn't done again.

    A change that needs a record which an event still waits to make (OnItsWay) stops none but those that need its own record.
    """
    access.running.clear()
    access.running.update(change.key for change in changes)
    result = _Execution(access, {change.key: change for change in changes}, recreate_deleted).run()
    result.substituted |= access.substituted
    result.without_contacts |= access.without_contacts
    return result


@dataclass(slots=True)
class _Execution:
    access: Access
    changes: Mapping[Key, Change]
    recreate_deleted: bool
    ids: dict[Key, int] = field(default_factory=dict)
    waiting: dict[Key, OnItsWay] = field(default_factory=dict)
    result: Result = field(default_factory=Result)

    def run(self) -> Result:
        for change in self.changes.values():
            try:
                self._run(change)
            except OnItsWay as reason:
                self.waiting[change.key] = reason
        if self.waiting:
            raise min(self.waiting.values(), key=lambda reason: reason.seconds)
        if any(not change.only_looks for change in self.changes.values() if change.key in self.ids):
            # Who was looked for in vain was not needed.
            self.result.absent -= {key for key, change in self.changes.items() if change.only_looks}
        self.result.absent -= {
            key for change in self.changes.values() if change.key in self.ids for key in change.spares
        }
        return self.result

    def _run(self, change: Change, without: int | None = None) -> None:
        """Run one change. `without`: a record that is gone, which Upsales's search may still show."""
        if not_needed(change, self.ids):
            if change.maker is None and change.key not in self.ids:
                # What would stand in for it in turn is not needed either.
                self.ids[change.key] = self.ids[change.stands_in_for[-1]]
            return
        check_marker(self.access, change)
        if change.domains & frozenset(self.access.crm.own_domains() if change.domains else ()):
            change = change.without_domain()
        self._link_outside(change)
        if lacking := change.lacks(self.ids):
            self.result.left_out |= lacking
            change = change.without_lacking(lacking)
            if not change.steps:
                return
        try:
            self._settle_linked(change, without)
        except Unlinked as failure:
            expect(self.access, failure.key)
            check_deleted(self.access, failure.key)
            raise

    def _settle_linked(self, change: Change, without: int | None) -> None:
        """Bring one record up to date; a refusal may mean that a record that it links to is gone."""
        try:
            self._settle(self._linked(change), without)
        except Refused:
            if not self._links_repaired(change):
                raise
            self._settle(self._linked(change), without)

    def _linked(self, change: Change) -> Change:
        """The change without the links that can be left out and have no record."""
        missed = {key for key in change.links if key not in self.ids and key not in change.needs}
        self.result.left_out |= missed - change.alternatives(self.ids)
        return change.knowing(self.ids)

    def _settle(self, change: Change, without: int | None) -> None:
        """Bring one record up to date; one that turns out to be gone is found again."""
        with let_go(self.access):
            try:
                self._apply(change, without)
            except Gone:
                lost = self.ids.pop(change.key)
                bury(self.access, change, lost, recreate=self.recreate_deleted)
                self._apply(change, lost)

    def _apply(self, change: Change, without: int | None) -> None:
        access, key = self.access, change.key
        link = access.ledger.link(key)
        if link is None:
            record_id = self._find(change, without)
        elif link.state is LinkState.GONE:
            record_id = self._come_back(change, link, without)
            if record_id is None and not self.recreate_deleted:
                self.result.deleted.append(key)
                return
        elif link.state is LinkState.CREATING:
            record_id = recover(access, change, link)
        else:
            record_id = self._linked_record(change, link)
        if record_id is None:
            if self._is_left(change):
                return
            change = change.made_where(self._may_make)
        change = without_lent_domain(access, change, record_id, self.changes.values())
        told, opting_out = told_apart(change)
        if record_id is None:
            record_id, fields = self._make(told)
        else:
            self.ids[key] = record_id
            if link is not None and link.missing:
                check_missing(access, key, record_id)
            self.result.effective |= link_merged(access, change, record_id)
            fields = update(access, going_on(access, told), record_id, self.ids)
        self.ids[key] = record_id
        if opting_out is not None:
            fields = {**fields, **update(access, going_on(access, opting_out), record_id, self.ids)}
        self.result.effective |= {held.event for held in fields.values() if held.event is not None}
        self.result.effective |= link_also(access, change, record_id)

    def _make(self, change: Change) -> tuple[int, Mapping[str, Held]]:
        """Make the record; one that is uploaded gets all but its content in a step of its own."""
        access, key = self.access, change.key
        record_id, fields = create(access, change, self.ids)
        if key.resource in UPLOADED:
            self.ids[key] = record_id
            fields = update(access, change, record_id, self.ids, present=access.view(key.resource, {}))
        return record_id, fields

    def _may_make(self, upsert: Upsert) -> bool:
        """Whether all are there with which it is made, and nothing without which it is, be it deleted since."""
        had = any(key in self.ids or self.access.ledger.link(key) is not None for key in upsert.made_without)
        return not had and all(key in self.ids or self._is_linked(key) for key in upsert.made_with)

    def _is_linked(self, key: Key) -> bool:
        link = self.access.ledger.link(key)
        return link is not None and link.state is LinkState.LINKED

    def _is_left(self, change: Change) -> bool:
        """Whether there is no record of it, and none is to be made."""
        if self._take_in(change):
            return True
        if change.maker is None:
            expect(self.access, change.key)
            self.result.absent.add(change.key)
            return True
        return change.made_where(self._may_make).maker is None

    def _take_in(self, change: Change) -> bool:
        """Whether another company stands in for one that is not to be made. The person may be at such a one already."""
        stand_in = replaced(change, self.changes)
        shelter = None if stand_in is None else shelter_of(self.access, change)
        if stand_in is not None and shelter is not None:
            self.ids[stand_in] = shelter
        return stand_in is not None

    def _find(self, change: Change, without: int | None) -> int | None:
        made = made_before(self.access, change.key, without, mends=change.mends)
        if made is None:
            found = find(self.access, change, without)
            return find_numbered(self.access, change, self.ids, without) if found is None else found
        self.access.found_by[change.key] = MARKER
        return adopt(self.access, change, made)

    def _linked_record(self, change: Change, link: Link) -> int | None:
        self.access.found_by[change.key] = LINK
        if link.record_id is not None and change.key.resource == "account":
            return moved_home(self.access, change, link.record_id)
        return link.record_id

    def _come_back(self, change: Change, link: Link, without: int | None) -> int | None:
        """The record of a key whose record was deleted. One that was found to be gone a moment ago is not looked for again."""
        if link.record_id is None or link.record_id == without:
            return None
        return come_back(self.access, change, link.record_id, recreate=self.recreate_deleted)

    def _link_outside(self, change: Change) -> None:
        """Look up the records that the change links to and that no change of this run is about."""
        for key in change.links:
            if key in self.waiting:
                raise self.waiting[key]
            if key in self.changes or key in self.ids:
                continue
            record_id = record_outside(self.access, change, key, recreate=self.recreate_deleted)
            if record_id is not None:
                self.ids[key] = record_id

    def _links_repaired(self, change: Change) -> bool:
        """After a refusal, find or make again the linked records that are gone. Answers whether any was."""
        linked = [key for key in change.links if key in self.ids]
        gone = [key for key in linked if self.access.read(key.resource, self.ids[key]) is None]
        for key in gone:
            lost = self.ids.pop(key)
            if key in self.changes:
                bury(self.access, self.changes[key], lost, recreate=self.recreate_deleted)
                self._run(self.changes[key], lost)
                continue
            found = bury_outside(self.access, change, key, lost, recreate=self.recreate_deleted)
            if found is not None:
                self.ids[key] = found
        return bool(gone)
