"""Resolves the dotted paths that a filter or a sort names, and compares their values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias
from unicodedata import normalize

from web.sandbox import dates
from web.sandbox.answers import Json, Record, invalid
from web.sandbox.coercion import number, shown
from web.sandbox.entities import ENTITIES, Entity
from web.sandbox.fields import DATES, NUMBERS, Kind

Find: TypeAlias = Callable[[str, Json], Record | None]
"""The record of a resource that a reference leads to."""

TRUTHS = {"true": 1, "false": 0}


@dataclass(frozen=True, slots=True)
class Step:
    """One name of the path; `of` is the resource to look in for what comes next."""

    name: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A path with the kind of value at its end. `custom`: the id of the custom field meant."""

    steps: tuple[Step, ...]
    kind: Kind
    custom: int | None = None

    @property
    def local(self) -> bool:
        """Whether a record alone tells its values, without the records it refers to."""
        return not any(step.of for step in self.steps)

    def values(self, record: Record, find: Find) -> list[Json]:
        found = _walk(record, self.steps, find)
        if self.custom is not None:
            found = (row["value"] for row in found if row["fieldId"] == self.custom)
        return [value for value in found if value is not None]

    def keys(self, record: Record, find: Find) -> Iterable[Hashable]:
        """What equality compares; None alone stands for a record that has no value here."""
        return {self.key(value) for value in self.values(record, find)} or {None}

    def own_keys(self, record: Record) -> Iterable[Hashable]:
        """The keys of a local attribute."""
        return self.keys(record, _nowhere)

    def key(self, value: Json) -> Hashable:
        if value is None:
            return None
        if self.kind in DATES or self.kind in NUMBERS:
            return self.comparable(value)
        return shown(value)

    def comparable(self, value: Json) -> float | str | None:
        """What order compares; None for a value of the wrong kind."""
        if self.kind in DATES:
            moment = dates.parse(value)
            return moment.timestamp() if moment else None
        if self.kind in NUMBERS:
            text = shown(value).strip()
            return float(TRUTHS[text] if text in TRUTHS else number(text)) if _numeric(text) else None
        return collated(shown(value))


def _nowhere(_: str, __: Json) -> Record | None:
    return None


def collated(text: str) -> str:
    """Text as Upsales's search orders it: not by code points; case and accents weigh less than letters."""
    return normalize("NFKD", text.casefold())


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in TRUTHS
    return True


def _walk(value: Json, steps: tuple[Step, ...], find: Find) -> Iterator[Json]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _walk(item, steps, find)
    elif not steps:
        yield value
    elif isinstance(value, dict):
        step, rest = steps[0], steps[1:]
        inner = value.get(step.name)
        yield from _walk(_followed(inner, step.of, find) if step.of else inner, rest, find)


def _followed(reference: Json, of: str, find: Find) -> Json:
    if isinstance(reference, list):
        return [find(of, item) for item in reference]
    return find(of, reference)


def attribute(entity: Entity, name: str, custom: int | None = None) -> Attribute:
    """Read a dotted name; raise the refusal Upsales gives for an attribute that is not there."""
    steps: list[Step] = []
    here: Entity | None = entity
    kind = Kind.FREE
    names = name.split(".")
    if names[0] in {"regBy", "modBy"}:
        raise no_attribute(name)
    for position, part in enumerate(names):
        rest = names[position + 1 :]
        if here is None:
            steps.append(Step(part))
            continue
        field = here.fields.get(part)
        if field is None:
            raise no_attribute(name)
        kind, here = field.kind, None
        follow = field.of if field.kind in {Kind.REF, Kind.REFS} and rest and rest != ["id"] else None
        steps.append(Step(part, follow))
        if follow:
            here = ENTITIES[follow]
        elif rest and kind not in {Kind.REF, Kind.REFS, Kind.FREE, Kind.ROWS}:
            raise no_attribute(name)
        elif rest:
            kind = Kind.INTEGER if rest[-1] == "id" else Kind.FREE
    if kind in {Kind.REF, Kind.REFS}:
        steps.append(Step("id"))
        kind = Kind.INTEGER
    if (kind is Kind.CUSTOM) != (custom is not None):
        raise no_attribute(name)
    return Attribute(tuple(steps), kind, custom)


def no_attribute(name: str) -> Exception:
    return invalid(f"No such attribute: {name}")
