"""Keeps in memory what a dry run of many events would make, for the events after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from worker.plan import Key, Match, Resource, normalised
from worker.sync.dry_run_ledger import DryRunLedger
from worker.sync.ports import Crm, Ledger
from worker.sync.read_through import ReadThrough
from worker.sync.records import Answer, Found, Held, Identity, Json, Link, LinkState, Permit, Record

RecordId: TypeAlias = tuple[Resource, int]
Place: TypeAlias = tuple[Resource, str, str]


class ImaginedLedger(DryRunLedger):
    """What is known, and all that the run adds to it. Records that it makes have numbers below zero.

    `adopted`: the records that keys were linked to which stood in Upsales already.
    """

    def __init__(self, known: Ledger) -> None:
        super().__init__(known, asking=True)
        self._records = known
        self._places: dict[Place, int | None] = {}
        self._owned: dict[RecordId, Key] = {}
        self._held: dict[RecordId, dict[str, Held]] = {}
        self.adopted: set[RecordId] = set()

    def owner(self, resource: Resource, record_id: int) -> Key | None:
        known = self._records.owner(resource, record_id) if record_id > 0 else None
        mine = self._owned.get((resource, record_id))
        there = [key for key in (known, mine) if key is not None]
        return min(there, key=lambda key: key.natural, default=None)

    def taken(self, resource: Resource, record_id: int) -> bool:
        return (resource, record_id) in self._owned or (record_id > 0 and self._records.taken(resource, record_id))

    def identity(self, resource: Resource, match: Match) -> Identity | None:
        place = _place(resource, match)
        if place in self._places:
            record_id = self._places[place]
            return None if record_id is None else Identity(record_id, 0.0)
        return self._records.identity(resource, match)

    def forget(self, resource: Resource, match: Match, record_id: int) -> None:  # type: ignore[override]
        place = _place(resource, match)
        if self._places.get(place, record_id) == record_id:
            self._places[place] = None

    def confirm(self, resource: Resource, match: Match, record_id: int) -> None:  # type: ignore[override]
        self._places[_place(resource, match)] = record_id

    def record(self, resource: Resource, record_id: int) -> Record:
        known = Record(resource, record_id) if record_id < 0 else super().record(resource, record_id)
        return replace(known, fields={**known.fields, **self._held.get((resource, record_id), {})}, open_writes=())

    def adopt(
        self,
        key: Key,
        record_id: int,
        matches: Sequence[Match],
        seen: Mapping[str, Held],
        *,
        lost: int | None = None,  # noqa: ARG002 - the port's signature
    ) -> None:
        if record_id > 0 and not self.taken(key.resource, record_id):
            self.adopted.add((key.resource, record_id))
        held = self.record(key.resource, record_id).fields
        self._hold(key.resource, record_id, {name: each for name, each in seen.items() if name not in held})
        self._link(key, record_id, matches)

    def created(
        self, call: str, key: Key, answer: Answer, matches: Sequence[Match], fields: Mapping[str, Held]
    ) -> None:
        super().created(call, key, answer, matches, fields)
        self._hold(key.resource, answer.id, fields)
        self._link(key, answer.id, matches)

    def updated(  # type: ignore[override]
        self,
        call: str,  # noqa: ARG002 - the port's signature
        resource: Resource,
        record_id: int,
        answer: Answer,  # noqa: ARG002 - the port's signature
        matches: Sequence[Match],
        fields: Mapping[str, Held],
    ) -> None:
        self._hold(resource, record_id, fields)
        for match in matches:
            self._places[_place(resource, match)] = record_id

    def release(self, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> None:  # type: ignore[override]
        self._hold(resource, record_id, fields)

    def _link(self, key: Key, record_id: int, matches: Sequence[Match]) -> None:
        self._links[key] = Link(LinkState.LINKED, record_id)
        owner = self._owned.get((key.resource, record_id))
        if owner is None or (owner.natural and not key.natural):
            self._owned[key.resource, record_id] = key
        for match in matches:
            self._places.setdefault(_place(key.resource, match), record_id)

    def _hold(self, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> None:
        held = self._held.setdefault((resource, record_id), {})
        for name, each in fields.items():
            if name not in held or each.version >= held[name].version:
                held[name] = each


@dataclass(slots=True)
class ImaginedCrm(ReadThrough):
    """Reads what is there, each thing once, and keeps what would be written. `reads` and `writes`: the calls that a run would make."""

    real: Crm
    made: dict[RecordId, Mapping[str, Json]] = field(default_factory=dict)
    changed: dict[RecordId, Mapping[str, Json]] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0
    _searched: dict[tuple[Resource, tuple[Match, ...]], Sequence[Found]] = field(default_factory=dict)
    _got: dict[RecordId, Found] = field(default_factory=dict)

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        return self._once(resource, (match,), lambda: self.real.search(resource, match))

    def search_any(self, resource: Resource, matches: Sequence[Match]) -> Sequence[Found]:
        return self._once(resource, tuple(matches), lambda: self.real.search_any(resource, matches))

    def get(self, resource: Resource, record_id: int) -> Found:
        self.reads += 1
        if record_id < 0:
            return Found(record_id, self.made[resource, record_id])
        if (resource, record_id) not in self._got:
            self._got[resource, record_id] = self.real.get(resource, record_id)
        return self._as_changed(resource, self._got[resource, record_id])

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]:
        self.reads += 1
        return self.real.with_marker(resource, marker)

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        self.real.check(resource, _numbered(body), creating=creating)

    def admit(self) -> Permit:
        return Permit(float("inf"))

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer:  # noqa: ARG002 - the port's signature
        self.writes += 1
        number = -1 - len(self.made)
        self.made[resource, number] = {**body, "id": number}
        return Answer(number, {}, 200, 0.0)

    def update(
        self,
        permit: Permit,  # noqa: ARG002 - the port's signature
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,  # noqa: ARG002 - the port's signature
    ) -> Answer:
        self.writes += 1
        kept = self.made if record_id < 0 else self.changed
        kept[resource, record_id] = {**kept.get((resource, record_id), {}), **body}
        return Answer(record_id, {}, 200, 0.0)

    def _once(
        self, resource: Resource, matches: tuple[Match, ...], ask: Callable[[], Sequence[Found]]
    ) -> Sequence[Found]:
        self.reads += 1
        if (resource, matches) not in self._searched:
            self._searched[resource, matches] = ask()
        return [self._as_changed(resource, found) for found in self._searched[resource, matches]]

    def _as_changed(self, resource: Resource, found: Found) -> Found:
        """A search lags behind a change, and what it shows is read again where it matters."""
        changed = self.changed.get((resource, found.id))
        return found if changed is None else Found(found.id, {**found.data, **changed})


def _place(resource: Resource, match: Match) -> Place:
    return resource, match.field, normalised(match)


def _numbered(value: Json) -> Json:
    """A body with a number that Upsales could have given in place of each that it didn't."""
    if isinstance(value, Mapping):
        return {
            name: 1 if name == "id" and isinstance(part, int) and part < 0 else _numbered(part)
            for name, part in value.items()
        }
    return [_numbered(part) for part in value] if isinstance(value, list | tuple) else value
