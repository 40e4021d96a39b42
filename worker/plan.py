"""Defines plans: upserts, and the values that they carry."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

Resource: TypeAlias = Literal[
    "account",
    "contact",
    "order",
    "activity",
    "appointment",
    "phoneCall",
    "product",
    "agreement",
    "ticket",
    "comment",
    "event",
]

RESOURCES: tuple[Resource, ...] = get_args(Resource)


LONGEST = 255


def bounded(text: str) -> str:
    """The text if a database and a URL can hold it, else a digest that stands for it."""
    storable = len(text) <= LONGEST and "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
    return text if storable else digest(text)


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """The external thing a record stands for; unique within a connection. As a field's value: a link to that record.

    `id` is bounded, as subjects are: a digest stands for one that is too long.
    """

    resource: Resource
    id: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", bounded(self.id))


@dataclass(frozen=True, slots=True)
class QualifiedKey:
    """A key with its connection: two connections may call two things by the same key."""

    connection: str
    resource: Resource
    id: str

    @classmethod
    def of(cls, connection: str, key: Key) -> QualifiedKey:
        return cls(connection, key.resource, key.id)

    @property
    def key(self) -> Key:
        return Key(self.resource, self.id)

    def __str__(self) -> str:
        return f"{self.resource} {self.id!r} of {self.connection}"


@dataclass(frozen=True, slots=True)
class User:
    """The Upsales user with this e-mail address; `fallback` (another address) stands in when there is none."""

    email: str
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """An order stage: that of this name (exact, ignoring case), else the active stage of this probability.

    `below`: the active stage of the highest probability under it instead, but none of 0 %, which is lost.
    """

    name: str | None = None
    probability: int | None = None
    below: bool = False


@dataclass(frozen=True, slots=True)
class ActivityType:
    """An activity or appointment type by name; without a name the first one of that kind."""

    kind: Literal["activity", "appointment"]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product by article number; `fallback` (another article number) stands in when there is none."""

    article_no: str | None
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A record or setting of Upsales whose id is known already."""

    id: int


@dataclass(frozen=True, slots=True)
class IfKnown:
    """A link to a record if the connection has one; else the field, or this element of its list, is left out."""

    key: Key


Reference: TypeAlias = Key | User | Stage | ActivityType | Product | Ref


@dataclass(frozen=True, slots=True)
class Row:
    """One order row. `key` is the sender's id of the line: it keeps the row's Upsales id over updates."""

    key: str
    product: Product | Ref
    quantity: Decimal
    price: Decimal
    list_price: Decimal | None = None


Value: TypeAlias = "str | int | Decimal | bool | date | datetime | Reference | IfKnown | Row | tuple[Value, ...] | Mapping[str, Value] | None"


@dataclass(frozen=True, slots=True)
class Match:
    """A natural key: a field whose value tells that an existing record is the one meant.

    `shared`: several keys of one connection may stand for the same record (two customers of a shop who name the same company).
    """

    field: str
    value: str
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsert:
    """One record as it should be.

    A field is named as Upsales names it, or `custom.<ALIAS>` for a custom field. Three write policies:
    `set` always, `on_create` only when the record is made, `if_empty` only while Upsales holds nothing there.
    `create=False` updates a record that exists and does nothing otherwise.
    `final`: what it sets stands, whatever else its connection tells of these fields, earlier or later.
    `also`: other keys that the sender has for the same thing, of the same resource.
    """

    key: Key
    match: tuple[Match, ...] = ()
    set: Mapping[str, Value] = field(default_factory=dict)
    on_create: Mapping[str, Value] = field(default_factory=dict)
    if_empty: Mapping[str, Value] = field(default_factory=dict)
    create: bool = True
    final: bool = False
    also: tuple[Key, ...] = ()


Plan: TypeAlias = tuple[Upsert, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """What a mapping answers instead of a plan: nothing is to be done, by this named rule."""

    rule: str


def normalised(match: Match) -> str:
    """The form in which two values of a natural key are compared: `å` is one letter, whether it was written as one or as `a` and a ring."""
    value = composed(match.value)
    match match.field:
        case "email":
            return value.strip().lower()
        case "orgNo":
            return composed("".join(c for c in value if c.isalnum()).casefold())
        case "name":
            return composed(" ".join(value.split()).casefold())
        case _:
            return value.strip()


def composed(text: str) -> str:
    """https://www.unicode.org/reports/tr15/, NFC; folding case may take it apart again."""
    return unicodedata.normalize("NFC", text)


def keys_in(value: Value) -> Iterator[Key]:
    """Every record that a field's value links to."""
    if isinstance(value, Key):
        yield value
    elif isinstance(value, IfKnown):
        yield value.key
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from keys_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from keys_in(part)


def knowing(upsert: Upsert, known: Container[Key]) -> Upsert:
    """The upsert with each `IfKnown` as a plain link, or left out."""
    return replace(
        upsert,
        set=_fields(upsert.set, known),
        on_create=_fields(upsert.on_create, known),
        if_empty=_fields(upsert.if_empty, known),
    )


def _fields(fields: Mapping[str, Value], known: Container[Key]) -> dict[str, Value]:
    return {name: kept for name, value in fields.items() for kept in _kept(value, known)}


def _kept(value: Value, known: Container[Key]) -> tuple[Value, ...]:
    """The value, or nothing. A list or a group that only held what is left out is left out itself."""
    if isinstance(value, IfKnown):
        return (value.key,) if value.key in known else ()
    if isinstance(value, tuple):
        parts = tuple(kept for part in value for kept in _kept(part, known))
        return (parts,) if parts or not value else ()
    if isinstance(value, Mapping):
        fields = _fields(value, known)
        return (fields,) if fields or not value else ()
    return (value,)
