"""Describes the shape of several payloads: fields, kinds and what is always there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from worker.devkit.scaffold.naming import words
from worker.devkit.scaffold.vocabulary import AMOUNTS, IDS

Seen: TypeAlias = tuple[int, Any]
"""A value, and the number of the payload it is from."""

Kind: TypeAlias = Literal["object", "list", "text", "whole", "number", "flag", "anything"]

MOST_FIELDS = 60
NUMERAL = re.compile(r"-?\d{1,12}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Shape:
    """What stands in one place.

    `fields` of an object, `items` of a list. `nullable`: of a list's items. `numeral`: an amount that is written as text.
    """

    kind: Kind
    fields: Mapping[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    nullable: bool = False
    whole_or_text: bool = False
    numeral: bool = False


def shape(seen: Sequence[Seen]) -> Shape:
    values = [each for each in seen if each[1] is not None]
    kinds = {_kind(value) for _, value in values}
    if kinds == {"object"}:
        return _object(values)
    if kinds == {"list"}:
        items = [(number, item) for number, value in values for item in value]
        return Shape("list", items=replace(shape(items), nullable=any(item is None for _, item in items)))
    if kinds == {"whole", "text"}:
        return Shape("text", whole_or_text=True)
    if kinds == {"whole", "number"}:
        return Shape("number")
    return Shape(kinds.pop()) if len(kinds) == 1 else Shape("anything")


def _object(seen: Sequence[Seen]) -> Shape:
    names = list(dict.fromkeys(name for _, value in seen for name in value))
    fields = {}
    for name in names:
        inner = shape([(number, value[name]) for number, value in seen if name in value])
        fields[name] = replace(
            inner,
            numeral=inner.kind == "text" and is_amount(name) and all(_is_numeral(value.get(name)) for _, value in seen),
        )
    return Shape("object", fields=fields)


def _kind(value: Any) -> Kind:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "list"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        return "text"
    return "whole" if isinstance(value, int) else "number"


def is_amount(name: str) -> bool:
    own = words(name)
    return bool(set(own) & AMOUNTS) and own[-1] not in IDS


def _is_numeral(value: Any) -> bool:
    """Null contradicts no guess."""
    return value is None or isinstance(value, int) or bool(NUMERAL.fullmatch(str(value).strip()))


def is_table(found: Shape) -> bool:
    """Whether an object's names are data: they are too many, or can't be names of fields."""
    odd = [name for name in found.fields if not any(char.isalpha() for char in name) or "." in name]
    return not found.fields or len(found.fields) > MOST_FIELDS or len(odd) * 2 > len(found.fields)


def alike(first: Shape, second: Shape) -> bool:
    """Whether two objects are likely the same thing: more than half of their fields are shared."""
    one, other = set(first.fields), set(second.fields)
    return len(one & other) * 2 > len(one | other)
