"""Defines what a request brings to the database, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from ulid import ULID

from worker.errors import RelayError
from worker.sdk.connector import Connector
from worker.sdk.first_status import first_status
from worker.sdk.read import ReadEvent
from worker.tracing import HEADER, Trace, trace_of

Taken: TypeAlias = Literal["inserted", "duplicate", "revived"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One event of a request. `time`: None when the sender told none, then it happened when it was received. `reason` says why, unless it is pending, and `code` of what kind that is. `note`: what of it could not be taken as it was told."""

    id: str
    event_id: str
    type: str
    subject: str
    time: datetime | None
    priority: bool = False
    status: Literal["pending", "ignored", "dead"] = "pending"
    reason: str | None = None
    code: str | None = None
    note: str | None = None
    position: int | None = None
    """In its request, where that is not its place among the events of the arrival: others of it are another connection's."""


def new_event(connector: Connector, reading: ReadEvent, note: str | None) -> NewEvent:
    """Of what a request told, whoever brought it."""
    status, reason, code = first_status(connector, reading)
    return NewEvent(
        id=str(ULID()),
        event_id=reading.id,
        type=reading.type,
        subject=reading.subject,
        time=reading.time,
        priority=reading.priority,
        status=status,
        reason=reason,
        code=code,
        note=note,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request to be stored, secrets already replaced. `received_at`: None for now, by the database's clock, which is everybody's."""

    request_id: str
    connection: str
    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    events: tuple[NewEvent, ...]
    received_at: datetime | None = None

    @property
    def trace(self) -> Trace:
        return trace_of(self.request_id, next((value for name, value in self.headers if name == HEADER), None))


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one event. `id`: of the event that stands in the database, for a duplicate the one seen before."""

    id: str
    event_id: str
    taken: Taken
    new: NewEvent

    @property
    def waits(self) -> bool:
        """Whether there is something to wake a worker for."""
        return self.taken != "duplicate" and self.new.status == "pending"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one request. `stored` is False when all it brought was seen before."""

    request_id: str
    connection: str
    stored: bool
    events: tuple[Accepted, ...]
    trace: Trace | None = field(default=None, compare=False)


class RowRefused(RelayError):
    """The database does not take a value of this request; it never will."""
