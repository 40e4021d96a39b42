"""Defines what is known of records, of the calls that write them and of their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from worker.plan import Key, QualifiedKey, Resource, Standing
from worker.sync.fold import empty
from worker.sync.version import Version

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
    """Upsales's answer to a write. `changed`: the fields that came back with another value than was sent, and that value."""

    id: int
    data: Mapping[str, Json]
    status: int
    duration: float
    changed: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to make one write call. The call must be sent before the monotonic `deadline`, and is given up then."""

    deadline: float


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MICROSECOND = timedelta(microseconds=1)

PLAIN = (None, 0, False)
"""Without a sender's version, a rank or finality."""


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
    sender_version: Decimal | None = None
    rank: int = 0
    standing: int = Standing.TOLD

    @property
    def version(self) -> Version:
        return Version(self.time, self.seq, self.connection, self.sender_version, self.rank, self.standing)

    def packed(self) -> list[Json]:
        """As JSON: value, microseconds since the epoch, seq, event, connection; then sender's version, rank and standing, if it has any."""
        said = None if self.sender_version is None else str(self.sender_version)
        more = (said, self.rank, self.standing)
        packed = [self.value, (self.time - EPOCH) // MICROSECOND, self.seq, self.event, self.connection]
        return packed if more == PLAIN else [*packed, *more]

    @classmethod
    def unpacked(cls, packed: Sequence[Json]) -> Held:
        value, micros, seq, event, connection, *more = packed
        said, rank, standing = more or PLAIN
        version = None if said is None else Decimal(said)
        return cls(value, EPOCH + micros * MICROSECOND, seq, event, connection, version, rank, int(standing))

    @classmethod
    def seen(cls, value: Json) -> Held:
        """A value that stood in Upsales and that we never sent: older than any event. Nothing is the weakest of all: whatever is known fills it."""
        standing = Standing.FALLBACK if empty(value) else Standing.TOLD
        return cls(value, EPOCH, 0, None, "", standing=standing)


def packed_fields(fields: Mapping[str, Held]) -> dict[str, list[Json]]:
    return {name: held.packed() for name, held in fields.items()}


def unpacked_fields(packed: Mapping[str, Sequence[Json]]) -> dict[str, Held]:
    return {name: Held.unpacked(value) for name, value in packed.items()}


def not_older(fields: Mapping[str, Held], than: Mapping[str, Sequence[Json]]) -> dict[str, Held]:
    """Those fields that are not older than the packed ones."""
    return {
        name: held
        for name, held in fields.items()
        if name not in than or held.version >= Held.unpacked(than[name]).version
    }


class CallState(StrEnum):
    """The state of a write call without a known outcome. OPEN: no answer yet. UNKNOWN: no clear answer came."""

    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OpenWrite:
    """A write call without a known outcome.

    `age`: seconds since it was journalled. `remaining`: seconds until its deadline has surely passed, 0 when it has.
    `rechecks`: how often its effect was looked for in vain. `sent`: what it carried, each field as `Held.packed`. A field
    that it only carried along, as a create does our marker, names no event.
    `record_id` of a POST: the record of an answer that came to a worker that had been overtaken.
    """

    id: str
    state: CallState
    age: float
    remaining: float
    rechecks: int
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
    """A write call to be rechecked: a PUT without a known outcome, or a POST of `key` that was made again or that nobody ends.

    `record_id` of a POST: the record of an answer that came too late. `sent` as in `OpenWrite`.
    """

    call: str
    resource: Resource
    record_id: int | None
    key: Key | None
    sent: Mapping[str, Json]
    event: str | None


class LinkState(StrEnum):
    """CREATING: a POST was intended. GONE: its record was deleted in Upsales by a person.

    FORMER: linked, but the sender no longer uses the key, because the thing goes on under another one.
    """

    CREATING = "creating"
    LINKED = "linked"
    GONE = "gone"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class Link:
    """What a key of a connection stands for.

    `undecided`: only a person can tell what became of the create. `missing`: Upsales answered that it has no such record.
    """

    state: LinkState
    record_id: int | None = None
    open_write: OpenWrite | None = None
    undecided: bool = False
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """The record of a natural key. Without a `record_id` it is reserved: the record is being made.

    `age`: seconds since the record was last seen to carry the value. `maker`: whose create it is reserved for. `undecided`:
    the same, where only a person can tell what became of that create.
    """

    record_id: int | None
    age: float
    undecided: QualifiedKey | None = None
    maker: QualifiedKey | None = None
