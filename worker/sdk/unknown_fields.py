"""Finds fields that a payload's schema does not know, and what they may have meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from schemas.wire import Payload
from worker.errors import alike, did_you_mean

NOT_LETTERS = str.maketrans("", "", "_- .")
ALIKE = 0.7


def unknown_fields(schema: Schema, payload: Any, pointer: str = "") -> Iterator[tuple[str, str, str | None]]:
    """The place of each (a JSON pointer), a hint for people, and the field that was meant, if one is near."""
    if not isinstance(payload, Mapping):
        return
    for name, value in payload.items():
        place = f"{pointer}/{escaped(name)}"
        if name not in schema.fields:
            meant = _meant(schema, name)
            yield place, f"did you mean {meant}?" if meant else did_you_mean(name, _names(schema)), meant
        else:
            yield from _inside(schema.fields[name], value, place)


def escaped(step: str) -> str:
    """A step of a JSON pointer, https://www.rfc-editor.org/rfc/rfc6901#section-3."""
    return step.replace("~", "~0").replace("/", "~1")


def _inside(field: fields.Field[Any], value: Any, place: str) -> Iterator[tuple[str, str, str | None]]:
    if isinstance(field, fields.Nested):
        yield from unknown_fields(field.schema, value, place)
    elif isinstance(field, fields.List) and isinstance(field.inner, fields.Nested) and isinstance(value, list):
        for number, part in enumerate(value):
            yield from unknown_fields(field.inner.schema, part, f"{place}/{number}")


def _meant(schema: Schema, name: str) -> str | None:
    """The field of this name in another spelling, else the one that others call so, else the one a group has, else the nearest."""
    known = {_folded(each): each for each in _names(schema)}
    others = schema.also_called if isinstance(schema, Payload) else {}
    called = known.get(_folded(name)) or others.get(_folded(name)) or _deeper(schema, name)
    return called or next(iter(alike(name, _names(schema), cutoff=ALIKE)), None)


def _deeper(schema: Schema, name: str) -> str | None:
    """The field that one of the fields holds: `data.name` for a `name` beside `data`, `client.name` for a `clientName`."""
    for outer, field in schema.fields.items():
        if isinstance(field, fields.Nested):
            for inner in _names(field.schema):
                if _folded(name) in (_folded(inner), _folded(outer + inner)):
                    return f"{outer}.{inner}"
    return None


def _names(schema: Schema) -> Sequence[str]:
    return list(schema.fields)


def _folded(name: str) -> str:
    return name.casefold().translate(NOT_LETTERS)
