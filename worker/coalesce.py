"""Fold the plans of a lane: all that its events, one after the other, wish for each record."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from worker import links
from worker.errors import Rejected
from worker.plan import Key, Match, Plan, Upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One event's plan. (`time`, `seq`) is its place in the sender's order."""

    event: str
    time: datetime
    seq: int
    connection: str
    plan: Plan

    @property
    def stamp(self) -> tuple[datetime, int]:
        return (self.time, self.seq)


@dataclass(frozen=True, slots=True)
class Step:
    """One event's wish for one record."""

    event: Planned
    upsert: Upsert


@dataclass(frozen=True, slots=True)
class Change:
    """All that the events wish for one record, in their order."""

    key: Key
    steps: tuple[Step, ...]

    @property
    def maker(self) -> int | None:
        """The first step that may make the record."""
        return next((n for n, step in enumerate(self.steps) if step.upsert.create), None)

    @property
    def matches(self) -> tuple[Match, ...]:
        """The natural keys the record is found by: those of the steps up to the one that would make it, as when run one by one."""
        asking = self.steps if self.maker is None else self.steps[: self.maker + 1]
        return _matches(asking)

    @property
    def all_matches(self) -> tuple[Match, ...]:
        """All natural keys that the steps name, each once."""
        return _matches(self.steps)

    @property
    def links(self) -> tuple[Key, ...]:
        """Every other record that the steps' values link to, each once."""
        return tuple(dict.fromkeys(key for key in _links(self.steps) if key != self.key))

    @property
    def needs(self) -> tuple[Key, ...]:
        """Those of the links that can't be left out."""
        return self.knowing(()).links

    def knowing(self, known: Container[Key]) -> Change:
        """The change with the links that may be left out decided: before the fields are, as what is left out decides nothing."""
        return replace(self, steps=tuple(replace(s, upsert=links.knowing(s.upsert, known)) for s in self.steps))


def fold(planned: Sequence[Planned]) -> tuple[Change, ...]:
    """One change a key, every linked record before those that link to it. Raises Rejected when links form a circle."""
    steps: dict[Key, list[Step]] = {}
    for event in sorted(planned, key=lambda p: p.stamp):
        for upsert in event.plan:
            steps.setdefault(upsert.key, []).append(Step(event, upsert))
    changes = {key: Change(key, tuple(own)) for key, own in steps.items()}
    graph = {key: [link for link in change.links if link in changes] for key, change in changes.items()}
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(f"{key.resource} {key.id}" for key in error.args[1])
        raise Rejected(f"the plan's links form a circle: {circle}") from None
    return tuple(changes[key] for key in order)


def _matches(steps: Sequence[Step]) -> tuple[Match, ...]:
    return tuple(dict.fromkeys(match for step in steps for match in step.upsert.match if match.value))


def _links(steps: Sequence[Step]) -> Iterator[Key]:
    for step in steps:
        for policy in (step.upsert.set, step.upsert.on_create, step.upsert.if_empty):
            for value in policy.values():
                yield from links.keys_in(value)
