"""Notes the calls that an event would make, and makes none that writes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from worker.errors import Failure, NotPermitted
from worker.plan import (
    OPT_OUT,
    ActivityType,
    Key,
    Match,
    Product,
    Ref,
    Reference,
    Resource,
    Stage,
    TicketStatus,
    User,
    sized,
)
from worker.sync.context import Access
from worker.sync.fold import Planned
from worker.sync.marker import EXTERNAL_ID
from worker.sync.ports import Crm
from worker.sync.read_through import ReadThrough
from worker.sync.records import Answer, Found, Json, Permit
from worker.sync.run import run
from worker.sync.typed import CustomField
from worker.sync.view import CUSTOM


class Placeholder(int):
    """Stands for an id that only Upsales knows. It is a number for the executor and has a label for people."""

    label: str

    @classmethod
    def of(cls, label: str) -> Placeholder:
        found = cls(0)
        found.label = label
        return found

    def __str__(self) -> str:
        return f"<{self.label}>"


@dataclass(frozen=True, slots=True)
class DryRunCall:
    """One call that would be made. `about`: what a search asks for, or the id of the record."""

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

    def search_any(self, resource: Resource, matches: Sequence[Match]) -> Sequence[Found]:
        asked = " or ".join(f"{match.field} = {match.value}" for match in matches)
        self.calls.append(DryRunCall("search", resource, asked))
        return ()

    def get(self, resource: Resource, record_id: int) -> Found:
        self.calls.append(DryRunCall("read", resource, str(record_id)))
        return Found(record_id, {})

    def visible(self, resource: Resource, record_id: int) -> bool:
        self.calls.append(DryRunCall("search", resource, f"id = {record_id}"))
        return True

    def marker_field(self, resource: Resource) -> str | None:
        if resource in {"phoneCall", "event"}:
            return EXTERNAL_ID
        return None if resource in {"ticket", "comment", "file"} else f"{CUSTOM}{self.marker}"

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]:
        self.calls.append(DryRunCall("search", resource, f"marker = {marker}"))
        return ()

    def own_domains(self) -> Collection[str]:
        return ()

    def resolve(self, reference: Reference) -> int:
        return reference.id if isinstance(reference, Ref) else Placeholder.of(_label(reference))

    def custom_field(
        self,
        resource: Resource,  # noqa: ARG002 - the port's signature
        alias: str,
        *,
        suits: Callable[[CustomField], bool] | None = None,  # noqa: ARG002 - the port's signature
    ) -> CustomField:
        return CustomField(Placeholder.of(f"field {alias}"), alias)

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        verb = "create" if creating else "unsubscribe" if OPT_OUT in body else "update"
        if verb not in self.scope.get(resource, frozenset()):
            raise NotPermitted(f"the connection may not {verb} {resource}")

    def admit(self) -> Permit:
        return Permit(float("inf"))

    def whole(self, resource: Resource) -> bool:
        return resource == "agreement"

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer:  # noqa: ARG002 - the port's signature
        self.calls.append(DryRunCall("create", resource, "", body))
        return Answer(Placeholder.of(f"new {resource}"), {}, 200, 0.0)

    def update(
        self,
        permit: Permit,  # noqa: ARG002 - the port's signature
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,  # noqa: ARG002 - the port's signature
    ) -> Answer:
        verb, said = ("unsubscribe", {}) if OPT_OUT in body else ("update", body)
        self.calls.append(DryRunCall(verb, resource, str(record_id), said))
        return Answer(record_id, {}, 200, 0.0)


@dataclass(frozen=True, slots=True)
class AskingCrm(ReadThrough):
    """Reads are made and noted; writes are only noted."""

    real: Crm
    noted: DryRunCrm

    @property
    def calls(self) -> Sequence[DryRunCall]:
        return self.noted.calls

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        self.noted.search(resource, match)
        return self.real.search(resource, match)

    def search_any(self, resource: Resource, matches: Sequence[Match]) -> Sequence[Found]:
        self.noted.search_any(resource, matches)
        return self.real.search_any(resource, matches)

    def get(self, resource: Resource, record_id: int) -> Found:
        self.noted.get(resource, record_id)
        return self.real.get(resource, record_id)

    def visible(self, resource: Resource, record_id: int) -> bool:
        self.noted.visible(resource, record_id)
        return self.real.visible(resource, record_id)

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]:
        self.noted.with_marker(resource, marker)
        return self.real.with_marker(resource, marker)

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        self.real.check(resource, _numbered(body), creating=creating)

    def admit(self) -> Permit:
        return self.noted.admit()

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


NO_CALL = "no call: Upsales holds all of it already"


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """The record that a key is, and the rule by which it was found."""

    key: Key
    record_id: int
    rule: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event would come to now. `ending`: how it ends where it does not end well or makes no call."""

    calls: Sequence[DryRunCall] = ()
    found: Sequence[FoundRecord] = ()
    left_out: Sequence[str] = ()
    ending: str | None = None


def outcome_of(planned: Planned, crm: DryRunCrm | AskingCrm, access: Access) -> Outcome:
    """Runs an event without writing."""
    left_out = [sentence for upsert in planned.plan for sentence in upsert.left_out]
    try:
        result = run(access, [planned])
    except Failure as failure:
        return Outcome(crm.calls, _found(access), left_out, f"{type(failure).__name__}: {failure}")
    misfits = result.misfits.get(planned.event, ())
    return Outcome(crm.calls, _found(access), [*left_out, *misfits], None if crm.calls else NO_CALL)


def json_outcome(outcome: Outcome) -> dict[str, Json]:
    return {
        "calls": [_json_call(call) for call in outcome.calls],
        "found": [_json_found(found) for found in outcome.found],
        "left_out": list(outcome.left_out),
        "ending": outcome.ending,
    }


def _found(access: Access) -> Sequence[FoundRecord]:
    links = ((key, rule, access.ledger.link(key)) for key, rule in access.found_by.items())
    return [
        FoundRecord(key, link.record_id, rule)
        for key, rule, link in links
        if link is not None and link.record_id is not None
    ]


def _json_call(call: DryRunCall) -> dict[str, Json]:
    return {"verb": call.verb, "resource": call.resource, "about": call.about, "body": labelled(call.body)}


def _json_found(found: FoundRecord) -> dict[str, Json]:
    return {
        "resource": found.key.resource,
        "key": found.key.id,
        "id": labelled(found.record_id),
        "by": found.rule,
    }


def labelled(value: Json) -> Json:
    """A body as JSON, with the label of each placeholder in angle brackets. A file is named in a few words."""
    if isinstance(value, Placeholder):
        return str(value)
    if isinstance(value, Mapping):
        if {"reading", "mediaType", "size"} <= value.keys():
            return sized(value["mediaType"], value["size"])
        return {name: labelled(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [labelled(part) for part in value]
    return value


def _numbered(value: Json) -> Json:
    """A body with a number for each placeholder."""
    if isinstance(value, Placeholder):
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
            return f"stage {reference.name or _likely(reference)}"
        case ActivityType():
            return f"{reference.kind} type {reference.name or 'first'}"
        case TicketStatus():
            return f"ticket status {reference.name}"
        case Product():
            return f"product {reference.article_no or reference.name or reference.fallback}"
        case _:
            return str(reference)


def _likely(stage: Stage) -> str:
    return f"{'<' if stage.below else ''}{stage.probability} %"
