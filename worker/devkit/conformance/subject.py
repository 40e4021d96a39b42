"""Defines what rules look at: a connector with its cases and its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from worker.devkit import cases
from worker.devkit.recorded import NotRead, NotRecorded
from worker.errors import Rejected
from worker.plan import Ignored, Plan, Upsert
from worker.sdk.connector import Answer, Connector, Event, Handles, Incoming
from worker.sdk.read import ReadEvent, parts, read
from worker.sdk.route import plan_event, rule_for
from worker.sdk.settings import load_settings


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an event has no plan: the line for a person, and the class of the failure."""

    line: str
    kind: type[Rejected]

    def __str__(self) -> str:
        return self.line


@dataclass(frozen=True)
class Filed:
    """A case and what it should come to; `expected` is None while nobody has said.

    `source`: the file that holds its request. `plan_file`: the one that says what it comes to.
    """

    connector: Connector
    name: str
    case: cases.Case
    expected: Any
    source: Path | None = None
    plan_file: Path | None = None

    def __str__(self) -> str:
        return f"{self.connector.name}-{self.name}"

    @cached_property
    def settings(self) -> Any:
        return load_settings(self.connector.settings, self.case.settings, str(self))

    @cached_property
    def answer(self) -> Answer | None:
        """What it is answered at the door, if it is a handshake."""
        return cases.handshake(self.connector, self.case)

    @property
    def brings_events(self) -> bool:
        return self.answer is None and self.case.request.method == "POST"

    @cached_property
    def readings(self) -> tuple[ReadEvent, ...]:
        """None of a handshake, which brings no event."""
        return () if not self.brings_events else tuple(read(self.connector, self.case.request))

    @cached_property
    def parts(self) -> tuple[Incoming, ...]:
        return () if not self.brings_events else tuple(parts(self.connector, self.case.request))

    @cached_property
    def events(self) -> tuple[tuple[Handles, Event], ...]:
        """The case's events that a mapping is asked for, each with the rule it falls under."""
        return tuple(
            (rule, self._fetched(cases.event_of(reading, self.case), part))
            for reading, part in zip(self.readings, self.parts, strict=True)
            if isinstance(rule := rule_for(self.connector, reading.type), Handles) and not reading.problem
        )

    def _fetched(self, event: Event, part: Incoming) -> Event:
        """What can't be read is missing, as the mapping will say; a rule of its own tells why."""
        try:
            return cases.fetched(self.connector, event, part, self.case)
        except (NotRecorded, NotRead):
            return event

    @cached_property
    def outcomes(self) -> list[dict[str, Any]]:
        return cases.outcomes(self.connector, self.case)

    @cached_property
    def unread(self) -> frozenset[str]:
        """The ids of events whose mapping is never asked: what is read for them was not recorded, or is no thing."""
        return frozenset(outcome["id"] for outcome in self.outcomes if "unread" in outcome)

    @cached_property
    def _plans(self) -> dict[str, Plan | Ignored | Rejection]:
        return {event.id: self.planned(event) for _, event in self.events}

    def usual(self, event: Event) -> Plan | Ignored | Rejection:
        """What one of the case's own events comes to."""
        return self._plans[event.id]

    def planned(self, event: Event) -> Plan | Ignored | Rejection:
        """The plan, the ignored rule, or the rejection."""
        try:
            return plan_event(self.connector, self.settings, event)
        except Rejected as error:
            return Rejection(str(error), type(error))


@dataclass(frozen=True)
class Subject:
    """`page`: the text of its documentation; None where there is none to be found.

    `needs_page`: false where pages are not installed.
    """

    connector: Connector
    cases: Sequence[Filed]
    page: str | None = None
    needs_page: bool = True

    @property
    def samples(self) -> list[Filed]:
        return [filed for filed in self.cases if filed.case.is_sample]

    @property
    def posted(self) -> list[Filed]:
        """Those that bring events: no handshakes."""
        return [filed for filed in self.cases if filed.brings_events]

    def mapped(self) -> Iterator[tuple[Filed, Handles, Event]]:
        for filed in self.cases:
            for rule, event in filed.events:
                yield filed, rule, event

    def upserts(self) -> Iterator[tuple[Filed, Upsert]]:
        for filed, _, event in self.mapped():
            plan = filed.usual(event)
            for upsert in plan if isinstance(plan, tuple) else ():
                yield filed, upsert
