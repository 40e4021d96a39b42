"""Asks a sender's API for one thing that an event needs, and says what the answer stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ulid import ULID

from worker.errors import GoneAtSource, NeverExisted, NotAsDeclared, TooEarly
from worker.sdk.fetch import changed_in
from worker.sdk.route import kind_of, named
from worker.sdk.source import Kind
from worker.settings import Connection
from worker.sources.ports import Reader
from worker.store.events.events import WaitingEvent
from worker.store.readings.readings import Reading, packed

SECOND = timedelta(seconds=1)
NOT_FOUND = 404


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


def ask(reader: Reader | None, question: Question) -> Reading:
    """No `reader`: the connection has no token, and does without. Raises the failures that make the event wait, and NotAsDeclared."""
    if reader is None:
        return _absent(question, "unread", "no token is set, so it was not read")
    try:
        found = reader.get(question.kind, question.thing, event=question.event.id)
    except TooEarly as failure:
        raise _not_yet(question, failure) from None
    except NeverExisted as failure:
        if failure.status == NOT_FOUND and question.early:
            raise _too_early(question, "is not there yet") from None
        return _absent(question, "never", str(failure))
    except GoneAtSource as failure:
        return _absent(question, "gone", str(failure))
    return _read(question, found.body)


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


def _not_yet(question: Question, failure: TooEarly) -> TooEarly | NotAsDeclared:
    """What the sender's API says itself, without a body that could be planned from."""
    if question.early:
        return _too_early(question, str(failure), failure.seconds)
    waited = question.declared.early_for
    return NotAsDeclared(f"{question.kind} {question.thing} was not there {waited:g} s after its webhook: {failure}")


def _too_early(question: Question, why: str, seconds: float = 0.0) -> TooEarly:
    return TooEarly(
        f"{question.kind} {question.thing}: {why}" if seconds else f"{question.kind} {question.thing} {why}",
        seconds=seconds or question.declared.early_every,
    )
