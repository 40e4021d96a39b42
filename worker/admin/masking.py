"""Masks what may tell of a person in a payload: whatever is not known to tell of nobody.

A text becomes its shape: `Å•••• (14)`, `•@e•••.se`, `556•••-••42`. Numbers keep their spelling and members their order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from marshmallow import Schema

from worker.admin.field_words import listed
from worker.admin.named import Named
from worker.admin.plain import field_of, is_plain, is_plain_number, schema_within
from worker.admin.shapes import shape
from worker.logs.machine_names import type_name
from worker.logs.masking import id_shown
from worker.store.privacy.masking import ERASED

MOST_SHOWN: Final = 64 * 1024
_NAME: Final = re.compile(r"(?!.*\d{7})[\w$][\w$.:\[\]-]{0,63}")


SchemaAt: TypeAlias = Callable[[int | None], Schema | None]
"""What the connector knows of the element at a place of the body; None is the whole body."""


class Number(str):
    """A JSON number as its sender spelled it: a float would round it."""

    __slots__ = ()


class Members(list[tuple[str, Any]]):
    """An object as it was written: in its order, and with what it has twice."""


@dataclass(slots=True)
class Masking:
    """What was masked so far. `named`: whom the request names.

    `masks`: not for who may see it all. `most`: characters of a body that are shown.
    """

    masks: bool = True
    most: int = MOST_SHOWN
    number: int = 0
    named: Named = field(default_factory=Named)

    def text(self, name: str, text: str, kind: Any = None) -> str:
        if not self.masks or text == ERASED or is_plain(name, text, kind):
            return text
        self.number += 1
        return shape(text)

    def spelled(self, name: str, number: Number, kind: Any = None) -> str:
        if not self.masks or is_plain_number(name, number, kind):
            return str(number)
        self.number += 1
        return json.dumps(shape(number), ensure_ascii=False)

    def name(self, name: str, *, declared: bool = False) -> str:
        """Of a member. One that is no name of a field may be somebody's. `declared`: its connector knows it."""
        if not self.masks or declared or (_NAME.fullmatch(name) and listed(name)):
            return name
        self.number += 1
        return shape(name)

    def id(self, text: str) -> str:
        """A sender's id or subject. Flower shows as much of it."""
        return id_shown(text) if self.masks else text

    def type(self, text: str) -> str:
        """Of an event. Where senders choose it, it may be anything."""
        return text if not self.masks or type_name(text) == text else id_shown(text)

    def sentence(self, text: str | None) -> str | None:
        """One of ours, in which a sender's words may stand."""
        return text if text is None or not self.masks else self.named.hidden(text)


@dataclass(frozen=True, slots=True)
class Shown:
    """A body as text. `kind`: json, form, or other: then it is not shown. `masked`: how many values. `whole`: whether nothing was cut off."""

    kind: str
    text: str
    masked: int
    whole: bool


def masked_body(body: bytes, kind: str, masking: Masking, schemas: SchemaAt | None = None) -> Shown:
    """`kind`: json or form, as its connector reads it."""
    if kind == "form":
        return _form(body, masking)
    try:
        document = parsed(body)
    except (ValueError, RecursionError):
        return Shown("other", "", 1, whole=False)
    masking.named.learn(document)
    pieces = _written(document, "", "", _Walk(masking, schemas, top=True))
    try:
        text, whole = cut(pieces, masking.most)
    except RecursionError:
        return Shown("other", "", 1, whole=False)
    return Shown("json", text, masking.number, whole)


def parsed(body: bytes) -> Any:
    """Raises ValueError, RecursionError."""
    return json.loads(
        body,
        parse_int=Number,
        parse_float=Number,
        parse_constant=Number,
        object_pairs_hook=Members,
    )


def masked_value(value: Any, name: str, masking: Masking) -> Any:
    """A JSON value of ours in the same form, such as the body of a call."""
    if isinstance(value, str):
        return masking.text(name, value)
    if isinstance(value, dict):
        return {masking.name(key): masked_value(each, key, masking) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(each, name, masking) for each in value]
    if value is None or isinstance(value, bool):
        return value
    if type(value) in (int, float):
        return value if not masking.masks or is_plain_number(name, str(value)) else shape(str(value))
    # What a dry run has in the place of an id that only Upsales knows.
    return masking.sentence(str(value))


def cut(pieces: Iterator[str], most: int) -> tuple[str, bool]:
    """So many characters, and whether that is all."""
    taken, size = [], 0
    for piece in pieces:
        taken.append(piece)
        size += len(piece)
        if size > most:
            return "".join(taken)[:most], False
    return "".join(taken), True


@dataclass(frozen=True, slots=True)
class _Walk:
    """What is known where the walk is. `top`: at the body itself, whose elements may be events of their own."""

    masking: Masking
    schemas: SchemaAt | None = None
    schema: Schema | None = None
    field: Any = None
    top: bool = False

    def member(self, name: str) -> _Walk:
        schema = self._own()
        found = field_of(schema, name)
        return _Walk(self.masking, schema=schema_within(found), field=found)

    def element(self, place: int) -> _Walk:
        if self.top and self.schemas is not None:
            return _Walk(self.masking, schema=self.schemas(place))
        inner = getattr(self.field, "inner", None)
        return _Walk(self.masking, schema=self.schema, field=inner)

    def _own(self) -> Schema | None:
        return self.schemas(None) if self.top and self.schemas is not None else self.schema


def _written(value: Any, name: str, indent: str, walk: _Walk) -> Iterator[str]:
    deeper = f"{indent}  "
    if isinstance(value, Members):
        yield "{"
        for place, (key, each) in enumerate(value):
            member = walk.member(key)
            called = walk.masking.name(key, declared=member.field is not None)
            yield f"{',' if place else ''}\n{deeper}{_quoted(called)}: "
            yield from _written(each, key, deeper, member)
        yield f"\n{indent}}}" if value else "}"
    elif isinstance(value, list):
        yield "["
        for place, each in enumerate(value):
            yield f"{',' if place else ''}\n{deeper}"
            yield from _written(each, name, deeper, walk.element(place))
        yield f"\n{indent}]" if value else "]"
    elif isinstance(value, Number):
        yield walk.masking.spelled(name, value, walk.field)
    elif isinstance(value, str):
        yield _quoted(walk.masking.text(name, value, walk.field))
    else:
        yield json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _form(body: bytes, masking: Masking) -> Shown:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
    except ValueError:
        return Shown("other", "", 1, whole=False)
    masking.named.learn(pairs)
    lines = (f"{masking.name(name)} = {masking.text(name, value)}\n" for name, value in pairs)
    text, whole = cut(lines, masking.most)
    return Shown("form", text, masking.number, whole)
