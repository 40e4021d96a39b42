"""Folds the plans of a lane into one change for each record, and decides its fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Literal, Protocol, TypeAlias

from worker.errors import Rejected
from worker.plan import Ambiguous, Key, Match, Plan, Standing, Upsert, Value, keys_in, knowing
from worker.sync.version import Version

Mend: TypeAlias = Literal["careful", "over_people"]
"""How an event that repairs treats what people changed in Upsales meanwhile: it stands, or it is written over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One event's plan. All but `event`, `plan` and `mend` give its place in the sender's order. `mend`: only of an event that repairs."""

    event: str
    time: datetime
    seq: int
    connection: str
    plan: Plan
    sender_version: Decimal | None = None
    rank: int = 0
    mend: Mend | None = None

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
    def mends(self) -> bool:
        """Whether any step repairs."""
        return any(step.event.mend is not None for step in self.steps)

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
    def again(self) -> frozenset[str]:
        """The fields that happened anew."""
        return frozenset(name for step in self.steps for name in step.upsert.again)

    @property
    def number(self) -> str | None:
        """What the newest step calls the record."""
        return next((step.upsert.number for step in reversed(self.steps) if step.upsert.number), None)

    @property
    def also(self) -> tuple[Key, ...]:
        """The other keys of the same record."""
        return tuple(dict.fromkeys(key for step in self.steps for key in step.upsert.also))

    @property
    def merged_into(self) -> tuple[Key, ...]:
        """The keys under which the record goes on."""
        return tuple(dict.fromkeys(step.upsert.merged_into for step in self.steps if step.upsert.merged_into))

    def made_where(self, may: Callable[[Upsert], bool]) -> Change:
        """The change as it may make its record: the first step that may decides how."""
        return replace(
            self,
            steps=tuple(
                replace(s, upsert=replace(s.upsert, create=s.upsert.create and may(s.upsert))) for s in self.steps
            ),
        )

    @property
    def only_looks(self) -> bool:
        """Whether it does no more than find a record, for others to link to."""
        return all(step.upsert.only_looks for step in self.steps)

    def going_on(self) -> Change:
        """The change without what is said of a thing that is gone."""
        return replace(self, steps=tuple(step for step in self.steps if not step.upsert.gone))

    def lacks(self, known: Container[Key]) -> frozenset[Key]:
        """The keys without whose records some of its steps do nothing, and which have none."""
        keys = (step.upsert.only_with for step in self.steps)
        return frozenset(key for key in keys if key is not None and key not in known)

    def without_lacking(self, lacking: Container[Key]) -> Change:
        """The change without the steps that do nothing while these have no record."""
        return replace(self, steps=tuple(step for step in self.steps if step.upsert.only_with not in lacking))

    @property
    def links(self) -> tuple[Key, ...]:
        """Every other record that the steps' values link to, each once."""
        return tuple(dict.fromkeys(key for key in _links(self.steps) if key != self.key))

    @property
    def waits_for(self) -> tuple[Key, ...]:
        """The records that are dealt with before it."""
        conditions = (key for step in self.steps for key in (*step.upsert.made_with, *step.upsert.made_without))
        return tuple(dict.fromkeys((*self.links, *self.stands_in_for, *conditions)))

    @property
    def needs(self) -> tuple[Key, ...]:
        """Those of the links that can't be left out."""
        return tuple(dict.fromkeys(key for key in _values(self.knowing(()).steps) if key != self.key))

    def alternatives(self, known: Container[Key]) -> frozenset[Key]:
        """The companies that nobody misses, because another one is there where the record may belong."""
        places = (choices for step in self.steps for choices in step.upsert.placed.values())
        there = (choices for choices in places if any(choice.key in known for choice in choices))
        return frozenset(choice.key for choices in there for choice in choices)

    @property
    def stands_in_for(self) -> tuple[Key, ...]:
        """The keys that it stands in for, if that is all it does."""
        keys = tuple(dict.fromkeys(step.upsert.instead_of for step in self.steps))
        return () if None in keys else tuple(key for key in keys if key is not None)

    @property
    def spares(self) -> frozenset[Key]:
        """The keys that nobody misses once it is there."""
        return frozenset(step.upsert.instead_of for step in self.steps if step.upsert.instead_of is not None)

    @property
    def domains(self) -> frozenset[str]:
        """The mail domains that the company is made for."""
        return frozenset(step.upsert.domain for step in self.steps if step.upsert.domain)

    def without_domain(self) -> Change:
        """The change without what a mail domain tells, which is that of the account's own users."""
        return replace(self, steps=tuple(replace(s, upsert=_without_domain(s.upsert)) for s in self.steps))

    @property
    def ambiguous(self) -> Ambiguous:
        """A person is asked if any step wants that."""
        return "review" if any(step.upsert.ambiguous == "review" for step in self.steps) else "as_upsales"

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
    links = {n: [numbers[key] for key in change.waits_for if key in numbers] for n, change in enumerate(changes)}
    for n, change in enumerate(changes):
        for key in change.merged_into:
            if key in numbers:
                links[numbers[key]].append(n)
    try:
        return tuple(changes[number] for number in TopologicalSorter(links).static_order())
    except CycleError as error:
        circle = " → ".join(f"{changes[number].key.resource} {changes[number].key.id}" for number in error.args[1])
        raise Rejected(f"the plan's links form a circle: {circle}") from None


def _without_domain(upsert: Upsert) -> Upsert:
    def told(fields: Mapping[str, Value]) -> dict[str, Value]:
        return {name: value for name, value in fields.items() if upsert.domain is None or value != upsert.domain}

    made = told(upsert.on_create)
    return replace(
        upsert,
        match=tuple(match for match in upsert.match if match.field != "webpage" or match.value != upsert.domain),
        on_create=made,
        if_empty=told(upsert.if_empty),
        surest={name: sure for name, sure in upsert.surest.items() if sure.value != upsert.domain},
        create=upsert.create and ("name" in made or "name" not in upsert.on_create),
    )


def _matches(steps: Sequence[Step]) -> tuple[Match, ...]:
    return tuple(dict.fromkeys(match for step in steps for match in step.upsert.match if match.value))


def _links(steps: Sequence[Step]) -> Iterator[Key]:
    yield from _values(steps)
    yield from (step.upsert.only_with for step in steps if step.upsert.only_with is not None)


def _values(steps: Sequence[Step]) -> Iterator[Key]:
    for step in steps:
        for _, value in step.upsert.fields:
            yield from keys_in(value)
        for choices in step.upsert.placed.values():
            yield from (choice.key for choice in choices)


class Versioned(Protocol):
    """A held value with its version, and the event that decided it, if one did."""

    @property
    def value(self) -> object: ...
    @property
    def event(self) -> object: ...
    @property
    def version(self) -> Version: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """The value a field ends with, and the event that decided it."""

    value: Value
    event: Planned
    standing: Standing = Standing.TOLD

    @property
    def version(self) -> Version:
        return replace(self.event.version, standing=self.standing)


Vacant: TypeAlias = Callable[[str], bool]
"""Whether a field was just seen to be empty in Upsales."""
Untouched: TypeAlias = Callable[[str], bool]
"""Whether a field was just seen to be empty in Upsales, or to show what we wrote."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The decided fields, and the names of those that can't be decided before Upsales's present value is read.

    `moves`: surer values for fields in which something is assumed, if no person changed it meanwhile.
    """

    fields: Mapping[str, Decided] = field(default_factory=dict)
    unread: Collection[str] = frozenset()
    moves: Mapping[str, Decided] = field(default_factory=dict)


def decide_new(change: Change) -> Decision:
    """The fields of a record that is to be made. Only the step that makes it contributes `on_create`.

    Earlier steps, which may not make it, contribute too: run again after a crash, they would find the record made.
    """
    if change.maker is None:
        return Decision()
    state = _Fold({}, vacant=lambda _: True, untouched=lambda _: True)
    for number, step in enumerate(change.steps):
        if number == change.maker:
            state.make(step)
        state.set(step)
        state.fill(step)
        state.place(step)
        state.assume(step)
        state.replace(step)
    return Decision(state.fields)


def decide(
    change: Change,
    held: Mapping[str, Versioned],
    vacant: Vacant = lambda _: False,
    untouched: Untouched = lambda _: False,
) -> Decision:
    """The fields of a record that exists. Nothing older than what is held is decided."""
    state = _Fold(dict(held), vacant, untouched)
    for step in change.steps:
        state.set(step)
        state.fill(step)
        state.assume(step, making=False)
        state.replace(step)
        if not step.upsert.made_once:
            state.place(step)
    return Decision(state.fields, state.unread, state.moves)


def empty(value: object) -> bool:
    """Whether Upsales shows the value as nothing. Zero and false are values."""
    return value is None or value in ("", (), [], {})


class _Fold:
    """The fields of one record while step after step is applied."""

    def __init__(self, known: dict[str, Versioned], vacant: Vacant, untouched: Untouched) -> None:
        self.known = known
        self.vacant = vacant
        self.untouched = untouched
        # A person may have filled them since, so `if_empty` reads them first. A `set` that empties them once more changes
        # nothing about that: it equals what is held, so nothing is sent.
        self.left_empty = {name for name, held in known.items() if empty(held.value)}
        self.fields: dict[str, Decided] = {}
        self.unread: set[str] = set()
        self.moves: dict[str, Decided] = {}
        self.awaited: set[str] = set()
        """Unread fields that a later step can't decide before they are read: a final step may decide them, or they may be empty already."""

    def decide(self, name: str, decided: Decided) -> None:
        """Unless something newer is known."""
        present = self.moves.get(name) or self.known.get(name)
        if present is not None and decided.version < present.version:
            return
        if present is None and empty(decided.value):
            # What is read anyway may show that it is empty already: then there is nothing to write.
            self.awaited |= self.unread & {name}
        self.fields[name] = self.known[name] = decided
        self.moves.pop(name, None)
        if name not in self.awaited:
            self.unread.discard(name)
        if not empty(decided.value):
            self.left_empty.discard(name)

    def make(self, step: Step) -> None:
        for name, value in step.upsert.on_create.items():
            self.decide(name, Decided(value, step.event))

    def set(self, step: Step) -> None:
        for name, value in step.upsert.set.items():
            self.decide(name, Decided(value, step.event, Standing.FINAL if step.upsert.final else Standing.TOLD))

    def fill(self, step: Step) -> None:
        for name, value in step.upsert.if_empty.items():
            self._fill(name, Decided(value, step.event))
        for name, value in step.upsert.if_ours.items() if self._ours else ():
            self._fill(name, Decided(value, step.event))

    def place(self, step: Step) -> None:
        """At a surer place than before. What was read in Upsales, or told before, stands."""
        for name, choices in step.upsert.placed.items():
            if choices:
                choice = choices[0]
                self._surer(name, Decided(choice.key, step.event, choice.standing))

    def assume(self, step: Step, *, making: bool = True) -> None:
        """What only stands in is not for a record of others, unless it fills what is empty there."""
        for name, sure in step.upsert.surest.items():
            present = self.moves.get(name) or self.known.get(name)
            vacant = present is None or empty(present.value)
            if making or not vacant or sure.fills or sure.standing >= Standing.TOLD:
                self._surer(name, Decided(sure.value, step.event, sure.standing))

    def _surer(self, name: str, decided: Decided) -> None:
        present = self.moves.get(name) or self.known.get(name)
        if present is None or empty(present.value):
            self._fill(name, decided)
        elif decided.standing > present.version.standing:
            if isinstance(present, Decided) and name not in self.moves:
                self.decide(name, decided)
            else:
                self.moves[name] = decided

    @property
    def _ours(self) -> bool:
        """Whether the record was made by us, or is being made."""
        name = self.known.get("name")
        return name is not None and name.event is not None

    def _fill(self, name: str, decided: Decided) -> None:
        present = self.known.get(name)
        stands = present is not None and (not empty(present.value) or decided.version < present.version)
        if stands or empty(decided.value):
            return
        if self._unsure(name) and not self.vacant(name):
            self.unread.add(name)
        else:
            self.decide(name, decided)

    def replace(self, step: Step) -> None:
        for name, value in step.upsert.while_ours.items():
            present = self.moves.get(name) or self.known.get(name)
            decided = Decided(value, step.event, Standing.FINAL if step.upsert.final else Standing.TOLD)
            if present is not None and decided.version < present.version:
                continue
            if name in self.fields or self.untouched(name):
                self.decide(name, decided)
            elif name in self.known and name not in self.left_empty | self.unread:
                # What a person wrote stands. What is held already has not to be read.
                self.moves |= {name: decided} if self.known[name].event is not None else {}
            else:
                self.unread.add(name)
                self.awaited |= {name} if step.upsert.final else set()

    def _unsure(self, name: str) -> bool:
        return name not in self.known or name in self.left_empty
