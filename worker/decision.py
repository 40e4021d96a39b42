"""What a change leaves to be written: which event's value each field of its record ends with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from worker.coalesce import Change, Planned, Step
from worker.plan import Value


class Stamped(Protocol):
    """A value that is held, with its place in time."""

    @property
    def value(self) -> object: ...
    @property
    def stamp(self) -> tuple[datetime, int]: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """The value a field ends with, and the event that decided it."""

    value: Value
    event: Planned

    @property
    def stamp(self) -> tuple[datetime, int]:
        return self.event.stamp


Vacant: TypeAlias = Callable[[str], bool]
"""Whether Upsales was just seen to hold nothing in a field."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the steps leave: the decided fields, and those that can't be decided before Upsales's present value is read."""

    fields: Mapping[str, Decided] = field(default_factory=dict)
    unread: Collection[str] = frozenset()


def decide_new(change: Change) -> Decision:
    """The fields of a record that is to be made. Only the step that makes it contributes `on_create`.

    Steps that would not make it count too: run again after a crash, they would find it made.
    """
    if change.maker is None:
        return Decision()
    state = _Fold({}, vacant=lambda _: True)
    for number, step in enumerate(change.steps):
        if number == change.maker:
            state.make(step)
        state.set(step)
        state.fill(step)
    return Decision(state.fields)


def decide(change: Change, held: Mapping[str, Stamped], vacant: Vacant = lambda _: False) -> Decision:
    """The fields of a record that exists. Nothing older than what is held is decided; `unread` wants Upsales to be looked at."""
    state = _Fold(dict(held), vacant)
    for step in change.steps:
        state.set(step)
        state.fill(step)
    return Decision(state.fields, state.unread)


def empty(value: object) -> bool:
    """What Upsales shows as nothing. Zero and false are values."""
    return value is None or value in ("", (), [], {})


class _Fold:
    """The state of one record's fields while steps pass over it."""

    def __init__(self, known: dict[str, Stamped], vacant: Vacant) -> None:
        self.known = known
        self.vacant = vacant
        # People may have filled them since. That stands: to say once more that they are empty calls nobody.
        self.left_empty = {name for name, held in known.items() if empty(held.value)}
        self.fields: dict[str, Decided] = {}
        self.unread: set[str] = set()

    def decide(self, name: str, value: Value, event: Planned) -> None:
        self.fields[name] = self.known[name] = Decided(value, event)
        self.unread.discard(name)
        if not empty(value):
            self.left_empty.discard(name)

    def make(self, step: Step) -> None:
        for name, value in step.upsert.on_create.items():
            self.decide(name, value, step.event)

    def set(self, step: Step) -> None:
        for name, value in step.upsert.set.items():
            present = self.known.get(name)
            if present is None or step.event.stamp >= present.stamp:
                self.decide(name, value, step.event)

    def fill(self, step: Step) -> None:
        for name, value in step.upsert.if_empty.items():
            present = self.known.get(name)
            stands = present is not None and (not empty(present.value) or step.event.stamp < present.stamp)
            if stands or empty(value):
                continue
            if self._unsure(name) and not self.vacant(name):
                self.unread.add(name)
            else:
                self.decide(name, value, step.event)

    def _unsure(self, name: str) -> bool:
        return name not in self.known or name in self.left_empty
