"""Folds the plans of a lane into one change for each record, and decides its fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Protocol, TypeAlias

from worker.errors import Rejected
from worker.plan import Key, Match, Plan, Upsert, Value, keys_in, knowing
from worker.sync.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One event's plan. All but `event` and `plan` give its place in the sender's order."""

    event: str
    time: datetime
    seq: int
    connection: str
    plan: Plan
    sender_version: Decimal | None = None
    rank: int = 0

    @property
    def version(self) -> Version:
        return Version(self.time, self.seq, self.connection, self.sender_version, self.rank)


@dataclass(frozen=True, slots=True)
class Step:
    """What one event asks of one record."""

    event: Planned
    upsert: Upsert


@dataclass(frozen=True, slots=True)
class Change:
    """All that the events of a lane ask of one record, in their order."""

    key: Key
    steps: tuple[Step, ...]

    @property
    def maker(self) -> int | None:
        """The number of the first step that may make the record, None if no step may."""
        return next((n for n, step in enumerate(self.steps) if step.upsert.create), None)

    @property
    def matches(self) -> tuple[Match, ...]:
        """The natural keys that the record is searched by: those of the steps up to the one that may make it.

        Steps that are run one by one use the same.
        """
        asking = self.steps if self.maker is None else self.steps[: self.maker + 1]
        return _matches(asking)

    @property
    def all_matches(self) -> tuple[Match, ...]:
        """All natural keys that the steps name, each once."""
        return _matches(self.steps)

    @property
    def also(self) -> tuple[Key, ...]:
        """The other keys of the same record."""
        return tuple(dict.fromkeys(key for step in self.steps for key in step.upsert.also))

    @property
    def links(self) -> tuple[Key, ...]:
        """Every other record that the steps' values link to, each once."""
        return tuple(dict.fromkeys(key for key in _links(self.steps) if key != self.key))

    @property
    def needs(self) -> tuple[Key, ...]:
        """Those of the links that can't be left out."""
        return self.knowing(()).links

    def knowing(self, known: Container[Key]) -> Change:
        """The change with each `IfKnown` as a plain link, or left out.

        This comes before the fields are decided: a value that is left out must not win over one that is not.
        """
        return replace(self, steps=tuple(replace(s, upsert=knowing(s.upsert, known)) for s in self.steps))


def fold(planned: Sequence[Planned]) -> tuple[Change, ...]:
    """One change a key, every linked record before those that link to it. Raises Rejected when links form a circle."""
    steps: dict[Key, list[Step]] = {}
    for event in sorted(planned, key=lambda p: p.version):
        for upsert in event.plan:
            steps.setdefault(upsert.key, []).append(Step(event, upsert))
    changes = [Change(key, tuple(own)) for key, own in steps.items()]
    numbers = {change.key: number for number, change in enumerate(changes)}
    links = {n: [numbers[key] for key in change.links if key in numbers] for n, change in enumerate(changes)}
    try:
        return tuple(changes[number] for number in TopologicalSorter(links).static_order())
    except CycleError as error:
        circle = " → ".join(f"{changes[number].key.resource} {changes[number].key.id}" for number in error.args[1])
        raise Rejected(f"the plan's links form a circle: {circle}") from None


def _matches(steps: Sequence[Step]) -> tuple[Match, ...]:
    return tuple(dict.fromkeys(match for step in steps for match in step.upsert.match if match.value))


def _links(steps: Sequence[Step]) -> Iterator[Key]:
    for step in steps:
        for policy in (step.upsert.set, step.upsert.on_create, step.upsert.if_empty):
            for value in policy.values():
                yield from keys_in(value)


class Versioned(Protocol):
    """A held value with its version."""

    @property
    def value(self) -> object: ...
    @property
    def version(self) -> Version: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """The value a field ends with, and the event that decided it."""

    value: Value
    event: Planned
    final: bool = False

    @property
    def version(self) -> Version:
        return replace(self.event.version, final=self.final)


Vacant: TypeAlias = Callable[[str], bool]
"""Whether a field was just seen to be empty in Upsales."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The decided fields, and the names of those that can't be decided before Upsales's present value is read."""

    fields: Mapping[str, Decided] = field(default_factory=dict)
    unread: Collection[str] = frozenset()


def decide_new(change: Change) -> Decision:
    """The fields of a record that is to be made. Only the step that makes it contributes `on_create`.

    Earlier steps, which may not make it, contribute too: run again after a crash, they would find the record made.
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


def decide(change: Change, held: Mapping[str, Versioned], vacant: Vacant = lambda _: False) -> Decision:
    """The fields of a record that exists. Nothing older than what is held is decided."""
    state = _Fold(dict(held), vacant)
    for step in change.steps:
        state.set(step)
        state.fill(step)
    return Decision(state.fields, state.unread)


def empty(value: object) -> bool:
    """Whether Upsales shows the value as nothing. Zero and false are values."""
    return value is None or value in ("", (), [], {})


class _Fold:
    """The fields of one record while step after step is applied."""

    def __init__(self, known: dict[str, Versioned], vacant: Vacant) -> None:
        self.known = known
        self.vacant = vacant
        # A person may have filled them since, so `if_empty` reads them first. A `set` that empties them once more changes
        # nothing about that: it equals what is held, so nothing is sent.
        self.left_empty = {name for name, held in known.items() if empty(held.value)}
        self.fields: dict[str, Decided] = {}
        self.unread: set[str] = set()

    def decide(self, name: str, decided: Decided) -> None:
        """Unless something newer is known."""
        present = self.known.get(name)
        if present is not None and decided.version < present.version:
            return
        self.fields[name] = self.known[name] = decided
        self.unread.discard(name)
        if not empty(decided.value):
            self.left_empty.discard(name)

    def make(self, step: Step) -> None:
        for name, value in step.upsert.on_create.items():
            self.decide(name, Decided(value, step.event))

    def set(self, step: Step) -> None:
        for name, value in step.upsert.set.items():
            self.decide(name, Decided(value, step.event, step.upsert.final))

    def fill(self, step: Step) -> None:
        for name, value in step.upsert.if_empty.items():
            present = self.known.get(name)
            stands = present is not None and (not empty(present.value) or step.event.version < present.version)
            if stands or empty(value):
                continue
            if self._unsure(name) and not self.vacant(name):
                self.unread.add(name)
            else:
                self.decide(name, Decided(value, step.event))

    def _unsure(self, name: str) -> bool:
        return name not in self.known or name in self.left_empty
