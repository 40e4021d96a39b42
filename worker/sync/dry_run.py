"""What an event would do: the executor over a Crm that only notes the writes, and a Ledger that forgets what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.errors import Rejected
from worker.plan import ActivityType, Key, Match, Product, Ref, Reference, Resource, Stage, User
from worker.sync.ports import Crm, Ledger
from worker.sync.records import Answer, Found, Held, Identity, Json, Link, LinkState, Permit, Record


class Named(int):
    """An id that only Upsales knows: a number for the executor, shown by what it stands for."""

    label: str

    @classmethod
    def of(cls, label: str) -> Named:
        found = cls(0)
        found.label = label
        return found


@dataclass(frozen=True, slots=True)
class DryRunCall:
    """One call that would be made. `about`: what a search looks for, or the key of the record."""

    verb: str
    resource: Resource
    about: str
    body: Mapping[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class DryRunCrm:
    """Finds nothing, is refused nothing. `marker`: the alias of the external-id field, taken to exist."""

    marker: str
    scope: Mapping[Resource, frozenset[str]]
    calls: list[DryRunCall] = field(default_factory=list)

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        self.calls.append(DryRunCall("search", resource, f"{match.field} = {match.value}"))
        return ()

    def get(self, resource: Resource, record_id: int) -> Found:
        self.calls.append(DryRunCall("read", resource, str(record_id)))
        return Found(record_id, {})

    def visible(self, resource: Resource, record_id: int) -> bool:
        self.calls.append(DryRunCall("search", resource, f"id = {record_id}"))
        return True

    def stamp_field(self, resource: Resource) -> str | None:
        if resource in {"phoneCall", "event"}:
            return "externalId"
        return None if resource in {"ticket", "comment"} else f"custom.{self.marker}"

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]:
        self.calls.append(DryRunCall("search", resource, f"marker = {marker}"))
        return ()

    def resolve(self, reference: Reference) -> int:
        return reference.id if isinstance(reference, Ref) else Named.of(_label(reference))

    def custom_field(self, resource: Resource, alias: str) -> int:  # noqa: ARG002 - the port's signature
        return Named.of(f"field {alias}")

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:  # noqa: ARG002 - the port's signature
        verb = "create" if creating else "update"
        if verb not in self.scope.get(resource, frozenset()):
            raise Rejected(f"the connection may not {verb} {resource}")

    def admit(self) -> Permit:
        return Permit(float("inf"))

    def whole(self, resource: Resource) -> bool:
        return resource == "agreement"

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer:  # noqa: ARG002 - the port's signature
        self.calls.append(DryRunCall("create", resource, "", body))
        return Answer(Named.of(f"new {resource}"), {}, 200, 0.0)

    def update(
        self,
        permit: Permit,  # noqa: ARG002 - the port's signature
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,  # noqa: ARG002 - the port's signature
    ) -> Answer:
        self.calls.append(DryRunCall("update", resource, str(record_id), body))
        return Answer(record_id, {}, 200, 0.0)


@dataclass(frozen=True, slots=True)
class AskingCrm:
    """Reads are made and noted; writes are only noted."""

    real: Crm
    noted: DryRunCrm

    @property
    def calls(self) -> Sequence[DryRunCall]:
        return self.noted.calls

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        self.noted.search(resource, match)
        return self.real.search(resource, match)

    def get(self, resource: Resource, record_id: int) -> Found:
        self.noted.get(resource, record_id)
        return self.real.get(resource, record_id)

    def visible(self, resource: Resource, record_id: int) -> bool:
        self.noted.visible(resource, record_id)
        return self.real.visible(resource, record_id)

    def stamp_field(self, resource: Resource) -> str | None:
        return self.real.stamp_field(resource)

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]:
        self.noted.with_marker(resource, marker)
        return self.real.with_marker(resource, marker)

    def resolve(self, reference: Reference) -> int:
        return self.real.resolve(reference)

    def custom_field(self, resource: Resource, alias: str) -> int:
        return self.real.custom_field(resource, alias)

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        self.real.check(resource, _numbered(body), creating=creating)

    def admit(self) -> Permit:
        return self.noted.admit()

    def whole(self, resource: Resource) -> bool:
        return self.real.whole(resource)

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer:
        return self.noted.create(permit, resource, body)

    def update(
        self,
        permit: Permit,
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,
    ) -> Answer:
        return self.noted.update(permit, resource, record_id, body, present)


class DryRunLedger:
    """Reads what is known; keeps what it is told in memory, for the rest of this rehearsal.

    `asking`: Upsales can be asked whether a record still carries a value. Else it is taken as if it had just been confirmed.
    """

    def __init__(self, known: Ledger, *, asking: bool = False) -> None:
        self.connection = known.connection
        self._known = known
        self._asking = asking
        self._links: dict[Key, Link] = {}
        self._seen: dict[tuple[Resource, int], Mapping[str, Held]] = {}

    def link(self, key: Key) -> Link | None:
        return self._links.get(key) or self._known.link(key)

    def owner(self, resource: Resource, record_id: int) -> Key | None:
        return self._known.owner(resource, record_id)

    def natural_fields(self, key: Key) -> frozenset[str]:
        return self._known.natural_fields(key)

    def identity(self, resource: Resource, match: Match) -> Identity | None:
        found = self._known.identity(resource, match)
        return found if found is None or self._asking else replace(found, age=0.0)

    def record(self, resource: Resource, record_id: int) -> Record:
        if isinstance(record_id, Named):
            return Record(resource, record_id)
        known = self._known.record(resource, record_id)
        return replace(known, fields={**self._seen.get((resource, record_id), {}), **known.fields})

    def adopt(
        self,
        key: Key,
        record_id: int,
        matches: Sequence[Match],  # noqa: ARG002 - the port's signature
        seen: Mapping[str, Held],
        *,
        lost: int | None = None,  # noqa: ARG002 - the port's signature
    ) -> None:
        self._links[key] = Link(LinkState.LINKED, record_id)
        self._seen[key.resource, record_id] = seen

    def intend_create(self, key: Key, matches: Sequence[Match], sent: Mapping[str, Json], seconds: float) -> str:  # noqa: ARG002 - the port's signature
        return "rehearsed"

    def created(
        self,
        call: str,  # noqa: ARG002 - the port's signature
        key: Key,
        answer: Answer,
        matches: Sequence[Match],  # noqa: ARG002 - the port's signature
        fields: Mapping[str, Held],  # noqa: ARG002 - the port's signature
    ) -> None:
        self._links[key] = Link(LinkState.LINKED, answer.id)

    def hold(self, resource: Resource, record_id: int, seconds: float) -> Record:  # noqa: ARG002 - the port's signature
        return replace(self.record(resource, record_id), open_writes=())

    def intend_update(self, resource: Resource, record_id: int, sent: Mapping[str, Json], seconds: float) -> str:  # noqa: ARG002 - the port's signature
        return "rehearsed"

    def later_create(self, call: str, *, within: float | None = None) -> tuple[Resource, int] | None:
        return self._known.later_create(call, within=within)

    def forget(self, *_: object) -> None: ...
    def confirm(self, *_: object) -> None: ...
    def release(self, *_: object) -> None: ...
    def updated(self, *_: object) -> None: ...
    def settled(self, call: str, *, effective: bool) -> None: ...
    def failed(self, *_: object) -> None: ...
    def unknown(self, *_: object) -> None: ...
    def rechecked(self, call: str) -> None: ...
    def duplicated(self, *_: object) -> None: ...
    def gone(self, key: Key, record_id: int, *, final: bool) -> None: ...


def shown(value: Json) -> Json:
    """A body as JSON, with what stands for ids in angle brackets."""
    if isinstance(value, Named):
        return f"<{value.label}>"
    if isinstance(value, Mapping):
        return {name: shown(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [shown(part) for part in value]
    return value


def _numbered(value: Json) -> Json:
    """With a number in the place of each id that is not known yet."""
    if isinstance(value, Named):
        return 1
    if isinstance(value, Mapping):
        return {name: _numbered(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_numbered(part) for part in value]
    return value


def _label(reference: Reference) -> str:
    match reference:
        case User():
            return f"user {reference.email}"
        case Stage():
            return f"stage {reference.name or f'{reference.probability} %'}"
        case ActivityType():
            return f"{reference.kind} type {reference.name or 'first'}"
        case Product():
            return f"product {reference.article_no or reference.fallback}"
        case _:
            return str(reference)
