"""Reads and applies conditions on records: Upsales's operators, in their two notations."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from web.sandbox.answers import Json, Record, invalid
from web.sandbox.attributes import Attribute, Find, attribute
from web.sandbox.coercion import shown
from web.sandbox.entities import Entity

ORDER: Mapping[str, Callable[[Json, Json], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
OPERATORS = frozenset({"eq", "ne", "src", "wc", *ORDER})


@dataclass(frozen=True, slots=True)
class Condition:
    """One attribute compared with one or more values; one that fits is enough."""

    attribute: Attribute
    op: str
    wanted: tuple[Json, ...]

    def holds(self, record: Record, find: Find) -> bool:
        if self.op in {"eq", "ne"}:
            equal = not self.keys().isdisjoint(self.attribute.keys(record, find))
            return equal is (self.op == "eq")
        return any(self._fits(value, wanted) for value in self.attribute.values(record, find) for wanted in self.wanted)

    def keys(self) -> frozenset[Json]:
        return frozenset(self.attribute.key(value) for value in self.wanted)

    def _fits(self, value: Json, wanted: Json) -> bool:
        if self.op == "src":
            return shown(wanted).casefold() in shown(value).casefold()
        if self.op == "wc":
            return wildcard(shown(wanted)).fullmatch(shown(value)) is not None
        left, right = self.attribute.comparable(value), self.attribute.comparable(wanted)
        return left is not None and right is not None and ORDER[self.op](left, right)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Groups of conditions; all of one group is enough."""

    groups: tuple[tuple[Condition | AnyOf, ...], ...]

    def holds(self, record: Record, find: Find) -> bool:
        return any(all(test.holds(record, find) for test in group) for group in self.groups)


Test: TypeAlias = Condition | AnyOf


def wildcard(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE | re.DOTALL)


def from_parameter(entity: Entity, name: str, text: str) -> Condition:
    """Read `attribute=op:value`; a comma separates values."""
    op, _, rest = text.partition(":")
    if op not in OPERATORS or not _:
        op, rest = "eq", text
    if name.rsplit(".", maxsplit=1)[-1] == "custom":
        return _custom(entity, name, op, rest)
    return Condition(attribute(entity, name), op, tuple(rest.split(",")) if op in {"eq", "ne"} else (rest,))


def from_json(entity: Entity, data: Json) -> list[Test]:
    """Read `{"a": attribute, "c": op, "v": value}`, a list of them, or `{"or": {"q": [[...], [...]]}}`."""
    if isinstance(data, list):
        return [test for item in data for test in from_json(entity, item)]
    if not isinstance(data, dict):
        raise invalid("Invalid q")
    if "or" in data:
        groups = data["or"].get("q") if isinstance(data["or"], dict) else None
        if not isinstance(groups, list):
            raise invalid("Invalid q")
        return [AnyOf(tuple(tuple(from_json(entity, group)) for group in groups))]
    op, name, value = data.get("c", "eq"), data.get("a"), data.get("v")
    if op not in OPERATORS or not isinstance(name, str):
        raise invalid("Invalid q")
    if name.split(".")[-1] == "custom":
        return [_custom(entity, name, op, shown(value))]
    return [Condition(attribute(entity, name), op, tuple(value) if isinstance(value, list) else (value,))]


def _custom(entity: Entity, name: str, op: str, text: str) -> Condition:
    field_id, _, value = text.partition(":")
    if not field_id.isdecimal() or not _:
        raise invalid(f"Invalid value for {name}: expected fieldId:value")
    wanted = tuple(value.split(",")) if op in {"eq", "ne"} else (value,)
    return Condition(attribute(entity, name, int(field_id)), op, wanted)
