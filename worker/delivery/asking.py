"""Asks a sender's API for one thing, and says what its answer stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from ulid import ULID

from worker.errors import (
    ConfigError,
    GoneAtSource,
    NeverExisted,
    NotAsDeclared,
    NoToken,
    SourceForbidden,
    SourceUnavailable,
    TooEarly,
)
from worker.sdk.fetch import changed_in
from worker.sdk.route import kind_of, named
from worker.sdk.source import Kind
from worker.sdk.source.content import content_of, told_of
from worker.settings import Connection
from worker.sources.ports import FileBytes, Reader
from worker.store.events.events import WaitingEvent
from worker.store.readings.readings import Reading, packed

Readers: TypeAlias = Callable[[Connection], Reader]
"""Of a connection. Raises ConfigError where a setting is missing that its sender's address needs."""

EXCHANGES = 3
"""Requests that one reading may take: it, once more with a fresh token, and one for that token."""
SECOND = timedelta(seconds=1)
NOT_FOUND = 404


class NoAddress(SourceForbidden):
    """The connection's settings don't say where its sender's API is."""


def no_reader(connection: Connection) -> Reader:
    """For a process that reads no sender."""
    raise SourceUnavailable(f"the API of {connection.connector.title} can't be read by this process")


@dataclass(frozen=True, slots=True)
class Question:
    """One thing of a kind, for an event, asked for at a moment of the database's."""

    connection: Connection
    kind: str
    thing: str
    event: WaitingEvent
    at: datetime

    @property
    def declared(self) -> Kind:
        return kind_of(self.connection.connector, self.kind)

    @property
    def early(self) -> bool:
        """Whether its webhook is so young that the sender's API may not show it yet. What is replayed is old."""
        return not self.event.replay and (self.at - self.event.received_at) / SECOND < self.declared.early_for


def ask(readers: Readers, question: Question) -> Reading:
    """Raises the failures that make the event wait, and NotAsDeclared."""
    try:
        found = _opened(readers, question.connection).get(question.kind, question.thing, event=question.event.id)
    except NoToken as failure:
        source = question.connection.connector.source
        if source is None or not source.unread:
            raise
        return _absent(question, "unread", str(failure))
    except TooEarly as failure:
        return _early(question, failure)
    except (NeverExisted, GoneAtSource) as failure:
        if failure.status == NOT_FOUND and question.early:
            raise _too_early(question, "is not there yet") from None
        return _absent(question, "never" if isinstance(failure, NeverExisted) else "gone", str(failure))
    return _read(question, found.body)


def _opened(readers: Readers, connection: Connection) -> Reader:
    try:
        return readers(connection)
    except ConfigError as error:
        raise NoAddress(str(error)) from None


def incomplete(question: Question, body: Any) -> str | None:
    """Why it is to be read again later; None once it is complete, or it was waited for long enough: then its schema decides."""
    early = question.declared.early
    if early is None or not question.early:
        return None
    try:
        return early(body)
    except Exception as error:  # noqa: BLE001 - a connector may be anybody's code
        raise NotAsDeclared(f"{question.kind}: whether it is complete can't be told ({named(error)})") from None


def _read(question: Question, body: Any) -> Reading:
    if isinstance(body, FileBytes):
        return _read_file(question, body)
    if (why := incomplete(question, body)) is not None:
        raise _too_early(question, f"is not complete yet: {why}")
    return Reading(
        id=str(ULID()),
        connection=question.connection.name,
        kind=question.kind,
        thing=question.thing,
        status="read",
        body=packed(body),
        changed=changed_in(question.declared, body, question.at),
        read_at=question.at,
    )


def _read_file(question: Question, body: FileBytes) -> Reading:
    """A mapping gets no more than what is told of its content."""
    number = str(ULID())
    return Reading(
        id=number,
        connection=question.connection.name,
        kind=question.kind,
        thing=question.thing,
        status="read",
        body=packed(told_of(content_of(number, body.data, body.media_type))),
        read_at=question.at,
        content=body.data,
    )


def _absent(question: Question, status: Any, note: str) -> Reading:
    return Reading(
        id=str(ULID()),
        connection=question.connection.name,
        kind=question.kind,
        thing=question.thing,
        status=status,
        note=note,
        read_at=question.at,
    )


def _early(question: Question, failure: TooEarly) -> Reading:
    """After a while it is taken as it is, if there is anything: then its schema decides. A file that is none by then never existed."""
    if question.early:
        raise _too_early(question, f"is not complete yet: {failure}", failure.seconds)
    if question.declared.file:
        return _absent(question, "never", str(failure))
    if failure.body is not None:
        return _read(question, failure.body)
    waited = f"{question.declared.early_for:g} s after its webhook"
    raise NotAsDeclared(f"{question.kind} {question.thing} was still not there {waited}: {failure}")


def _too_early(question: Question, why: str, seconds: float = 0.0) -> TooEarly:
    return TooEarly(f"{question.kind} {question.thing} {why}", seconds=seconds or question.declared.early_every)
