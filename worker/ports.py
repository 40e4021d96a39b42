"""What the executor needs of the world, as Protocols: Upsales (Crm) and what we know of it (Ledger)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from worker.plan import Key, Match, Reference, Resource

Json: TypeAlias = Any
"""What `json.loads` can answer."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Held:
    """What a record holds in one field, as far as we know: the value in wire form, and which event last decided it.

    `event` is None for a value that was read in Upsales and never sent by us; its `time` is then the epoch.
    """

    value: Json
    time: datetime
    seq: int
    event: str | None
    connection: str

    @property
    def stamp(self) -> tuple[datetime, int]:
        """What decides which of two values is newer."""
        return (self.time, self.seq)

    def packed(self) -> list[Json]:
        """As JSON: value, microseconds since the epoch, seq, event, connection."""
        return [self.value, (self.time - EPOCH) // MICROSECOND, self.seq, self.event, self.connection]

    @classmethod
    def unpacked(cls, packed: Sequence[Json]) -> Held:
        value, micros, seq, event, connection = packed
        return cls(value, EPOCH + micros * MICROSECOND, seq, event, connection)

    @classmethod
    def seen(cls, value: Json) -> Held:
        """A value that stood in Upsales and that we never sent: older than any event."""
        return cls(value, EPOCH, 0, None, "")


class CallState(StrEnum):
    """A write call on its way."""

    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Pending:
    """A write call whose outcome is not known (yet).

    `age`: seconds since it was journalled. `remaining`: seconds until its deadline has surely passed (0 when it has).
    `looks`: how often its effect was looked for in vain. `sent`: what it carried, each field as `Held.packed`; no event decided
    what it only carried along, as a create does our stamp.
    `record_id` of a POST: it was answered, and whoever got the answer had been overtaken by then.
    """

    id: str
    state: CallState
    age: float
    remaining: float
    looks: int
    sent: Mapping[str, Json]
    record_id: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One Upsales record as we know it. `pending`: write calls on it without a known outcome, oldest first."""

    resource: Resource
    id: int
    fields: Mapping[str, Held] = field(default_factory=dict)
    pending: tuple[Pending, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A write call to be looked at once more: a PUT whose outcome was never known, a POST (of `key`) that was made again or that nobody ends.

    `record_id` of a POST: the record of an answer that came too late. `sent` as in `Pending`.
    """

    call: str
    resource: Resource
    record_id: int | None
    key: Key | None
    sent: Mapping[str, Json]
    event: str | None


class LinkState(StrEnum):
    """CREATING: a POST was intended. GONE: its record was deleted in Upsales by a person."""

    CREATING = "creating"
    LINKED = "linked"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Link:
    """(connection, resource, key) → record. `undecided`: only a person can tell what became of the create."""

    state: LinkState
    record_id: int | None = None
    pending: Pending | None = None
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """A natural key's record. `age`: seconds since we last saw it carry the value. Reserved (record_id None): being made.

    `undecided`: whose create it is reserved for, where only a person can tell what became of that.
    """

    record_id: int | None
    age: float
    undecided: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A record that Upsales returned, in wire form."""

    id: int
    data: Mapping[str, Json]

    @property
    def active(self) -> bool:
        """Upsales writes 0/1, true/false, or nothing where a resource can't be inactive."""
        return bool(self.data.get("active", True))


@dataclass(frozen=True, slots=True)
class Answer:
    """Upsales's answer to a write. `changed`: fields that came back otherwise than they were sent → what came back."""

    id: int
    data: Mapping[str, Json]
    status: int
    duration: float
    changed: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one write call. It must be sent before the monotonic `deadline` and is given up then."""

    deadline: float


class Crm(Protocol):
    """Upsales through one connection's key. Reads ask for budget and journal themselves; writes need a Permit and the caller's journal.

    Every method raises Throttled, Unavailable, Unauthorized or Refused; get and update also Gone; create and update also OutcomeUnknown.
    `event` names, in the journal, the event on whose behalf a call is made.
    """

    def search(self, resource: Resource, match: Match) -> Sequence[Found]: ...
    def get(self, resource: Resource, record_id: int) -> Found: ...
    def visible(self, resource: Resource, record_id: int) -> bool:
        """Whether Upsales's search index shows the record."""

    def stamp_field(self, resource: Resource) -> str | None:
        """The field that can carry our stamp (`custom.<ALIAS>`, `externalId`), None where the account has none."""

    def stamped(self, resource: Resource, stamp: str) -> Sequence[Found]: ...
    def resolve(self, reference: Reference) -> int:
        """The Upsales id of a user, stage, type or product. Raises Rejected when there is none."""

    def custom_field(self, resource: Resource, alias: str) -> int:
        """The fieldId of an alias. Raises Rejected when there is none."""

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        """Raises Rejected when Upsales would refuse, cut or coerce the body, or the scope forbids the call."""

    def admit(self) -> Permit:
        """Take one write out of the budget."""

    def whole(self, resource: Resource) -> bool:
        """Whether its updates carry the whole record, as it stands but for the changes."""

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer: ...
    def update(
        self,
        permit: Permit,
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,
    ) -> Answer:
        """`present`: the record, if it was just read."""


class Ledger(Protocol):
    """What we know of one connection's records. Each method is one transaction, and fenced: LeaseLost when the lane is no longer ours.

    `seconds` are by the database's clock.
    """

    connection: str

    def link(self, key: Key) -> Link | None: ...
    def owner(self, resource: Resource, record_id: int) -> Key | None:
        """The first key of this connection that is linked to the record."""

    def identity(self, resource: Resource, match: Match) -> Identity | None: ...
    def natural_fields(self, key: Key) -> frozenset[str]:
        """The fields by whose values the key's record is known, or will be when it is made."""

    def forget(self, resource: Resource, match: Match, record_id: int) -> None:
        """The record no longer carries the value."""

    def confirm(self, resource: Resource, match: Match, record_id: int) -> None:
        """The record was just seen to carry the value."""

    def adopt(
        self,
        key: Key,
        record_id: int,
        matches: Sequence[Match],
        seen: Mapping[str, Held],
        *,
        lost: int | None = None,
    ) -> None:
        """Link the key to a record that exists, closing a pending create as done. `seen` fills only fields not held yet.

        `lost`: the record that was merged into this one. Whoever is linked to it is linked to this one too, and it is forgotten.
        Raises Busy when another key took the record just now, or another record has just become known as the pending create's.
        """

    def record(self, resource: Resource, record_id: int) -> Record: ...
    def intend_create(self, key: Key, matches: Sequence[Match], sent: Mapping[str, Json], seconds: float) -> str:
        """Link `creating`, reservations, call `open` with a deadline in `seconds`. Answers the call id.

        Unless its outcome is known by the horizon, and while no event and no person is there to end it, it becomes a `Doubt`.
        Raises Busy when the key or one of the natural keys is taken. A pending create of the same key is superseded, and kept for a later look.
        """

    def created(
        self, call: str, key: Key, answer: Answer, matches: Sequence[Match], fields: Mapping[str, Held]
    ) -> None:
        """Link `linked`, identities, what the record holds, call closed.

        An answer that comes too late for that (LeaseLost) is journalled all the same: `Pending.record_id`, or a `Doubt` where the create was given up.
        """

    def hold(self, resource: Resource, record_id: int, seconds: float) -> Record:
        """Take the record's lease. Raises Busy when another lane has it."""

    def release(self, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> None:
        """Give the lease back; `fields` takes in newer stamps of values that needed no call (may be empty)."""

    def intend_update(self, resource: Resource, record_id: int, sent: Mapping[str, Json], seconds: float) -> str: ...
    def updated(
        self,
        call: str,
        resource: Resource,
        record_id: int,
        answer: Answer,
        matches: Sequence[Match],
        fields: Mapping[str, Held],
    ) -> None:
        """Close the call, keep the fields, give the lease back.

        Identities of `matches` now point to the record; its identities with another value of the same field go.
        """

    def settled(self, call: str, *, effective: bool) -> None:
        """A pending update's outcome was seen."""

    def failed(self, call: str, error: Exception) -> None:
        """The write certainly had no effect: close the call; a create's link and reservations go, a record's lease too."""

    def unknown(self, call: str, error: Exception) -> None:
        """The write may have had its effect: link, reservations stay; a record's lease goes."""

    def looked(self, call: str) -> None:
        """Its effect was looked for in vain, once more."""

    def later_create(self, call: str, *, within: float | None = None) -> tuple[Resource, int] | None:
        """A record of the account that was created by us after this call was sent, the newest one.

        `within`: of those that were sent at most so many seconds after it.
        """

    def duplicated(self, call: str, record_ids: Sequence[int]) -> None:
        """A create that was made again had its effect after all: close the call, and report its event with these records."""

    def gone(self, key: Key, record_id: int, *, final: bool) -> None:
        """The record that the key is linked to no longer exists, and nothing took its place: the link goes, or with `final` stays as GONE.

        Other keys find out for themselves, what each of them is now: what the record held is forgotten with the last link to it.
        """
