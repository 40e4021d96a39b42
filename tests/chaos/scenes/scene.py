"""Says what a scene is: steps that senders, people and the clock take one after the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.chaos.story import Told
from tests.chaos.things import Thing


@dataclass(frozen=True, slots=True)
class Tell:
    """So many seconds apart; nobody waits for the answer to the one before."""

    events: Sequence[Told]
    apart: float = 0.0


@dataclass(frozen=True, slots=True)
class Settle:
    """Waits until all that was told has ended."""


@dataclass(frozen=True, slots=True)
class Edit:
    thing: Thing
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delete:
    thing: Thing


@dataclass(frozen=True, slots=True)
class MergeIntoNew:
    """A person makes a record of these values, by which no sender would know it, and merges the thing into it."""

    thing: Thing
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MergeInto:
    """The other one stays, with what it is known by."""

    thing: Thing
    other: Thing


@dataclass(frozen=True, slots=True)
class SetBack:
    seconds: float


Step: TypeAlias = Tell | Settle | Edit | Delete | MergeIntoNew | MergeInto | SetBack


@dataclass(frozen=True, slots=True)
class Scene:
    """`at`: when it begins. `explained`: events that a person's act leaves nothing to do for, by what their end must say."""

    name: str
    at: float
    steps: Sequence[Step]
    explained: Mapping[str, str] = field(default_factory=dict)

    @property
    def events(self) -> Collection[Told]:
        """Each once, however often it is told."""
        told = (event for step in self.steps if isinstance(step, Tell) for event in step.events)
        return {event.id: event for event in told}.values()

    def __str__(self) -> str:
        told = [event.id for event in self.events]
        shown = ", ".join(told[:4]) + (f" … {told[-1]}" if len(told) > 4 else "")
        return f"{self.at:6.1f} s  {self.name}: {shown}"
