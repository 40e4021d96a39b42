"""What we know of records, of the calls that write them, and of what stands for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

from worker.plan import Key, Resource

Json: TypeAlias = Any
"""What `json.loads` can answer."""


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
    def version(self) -> tuple[datetime, int]:
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
class OpenWrite:
    """A write call whose outcome is not known (yet).

    `age`: seconds since it was journalled. `remaining`: seconds until its deadline has surely passed (0 when it has).
    `looks`: how often its effect was looked for in vain. `sent`: what it carried, each field as `Held.packed`; no event decided
    what it only carried along, as a create does our marker.
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
    """One Upsales record as we know it. `open_writes`: write calls on it without a known outcome, oldest first."""

    resource: Resource
    id: int
    fields: Mapping[str, Held] = field(default_factory=dict)
    open_writes: tuple[OpenWrite, ...] = ()


@dataclass(frozen=True, slots=True)
class Recheck:
    """A write call to be looked at once more: a PUT whose outcome was never known, a POST (of `key`) that was made again or that nobody ends.

    `record_id` of a POST: the record of an answer that came too late. `sent` as in `OpenWrite`.
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
    open_write: OpenWrite | None = None
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """A natural key's record. `age`: seconds since we last saw it carry the value. Reserved (record_id None): being made.

    `undecided`: whose create it is reserved for, where only a person can tell what became of that.
    """

    record_id: int | None
    age: float
    undecided: str | None = None
