"""Defines plans: upserts, and the values that they carry."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Literal, TypeAlias, get_args

from schemas.composed import composed
from schemas.phone_numbers import e164

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
    "file",
]

RESOURCES: tuple[Resource, ...] = get_args(Resource)

Ambiguous: TypeAlias = Literal["review", "as_upsales"]
"""What to do when several records match: ask a person, or take the one that Upsales's own forms take."""

OPT_OUT = "unsubscribed"
"""The field of a contact that says since when it gets no mailings. Setting it is a call of its own, and nothing takes it back: see `Upsert`."""

LONGEST = 255


class Standing(IntEnum):
    """How sure a value is. The surer one wins, also over a newer one; within one standing the newer one wins.

    FALLBACK: assumed, because nothing is known: a company that takes who has none. OWN: assumed from what is known of somebody: a company
    of their own name or mail domain. TOLD: the sender says so. FINAL: nothing comes after it.
    """

    FALLBACK = -2
    OWN = -1
    TOLD = 0
    FINAL = 1


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

    @property
    def natural(self) -> bool:
        """Whether it is made of a natural key, because the sender has no id for the thing."""
        return self.id.startswith(NATURAL)


NATURAL = ("company:", "domain:", "email:", "home:")
"""What the ids of keys begin with that connectors make of natural keys."""


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
class TicketStatus:
    """A status of tickets, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product by article number; `fallback` (another article number) stands in when there is none.

    `name`: what is sold is called so. Without an article number it is the only active product of that name.
    """

    article_no: str | None
    fallback: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A record or setting of Upsales whose id is known already."""

    id: int


@dataclass(frozen=True, slots=True)
class IfKnown:
    """A link to a record if the connection has one; else the field, or this element of its list, is left out."""

    key: Key


@dataclass(frozen=True, slots=True)
class Placed:
    """A company to belong to, and how sure that is: see `Upsert`. Not `needed`: the field is left out if none of the companies is there."""

    key: Key
    standing: Standing
    needed: bool = True


@dataclass(frozen=True, slots=True)
class ClientOf:
    """The company of a contact or an order, as it is now; the field is left out if that record is not known. `resource`: of a `Ref`."""

    record: Key | Ref
    resource: Resource = "contact"


@dataclass(frozen=True, slots=True)
class Sure:
    """A value, and how sure it is: see `Upsert`. `fills`: also what is empty in a record of others, though it only stands in."""

    value: Value
    standing: Standing
    fills: bool = False


Reference: TypeAlias = Key | User | Stage | ActivityType | TicketStatus | Product | Ref | ClientOf


@dataclass(frozen=True, slots=True)
class Row:
    """One order row. `key` is the sender's id of the line: it keeps the row's Upsales id over updates."""

    key: str
    product: Product | Ref
    quantity: Decimal
    price: Decimal
    list_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file that was read of the sender's API. The bytes are kept with the `reading`; `size` counts them."""

    reading: str
    sha256: str
    media_type: str
    size: int

    def __str__(self) -> str:
        return sized(self.media_type, self.size)


def sized(media_type: str, size: int) -> str:
    """A file in a few words: `application/pdf, 120 kB`."""
    return f"{media_type}, {max(1, round(size / 1000))} kB"


Value: TypeAlias = "str | int | Decimal | bool | date | datetime | Reference | IfKnown | Row | Content | tuple[Value, ...] | Mapping[str, Value] | None"


@dataclass(frozen=True, slots=True)
class Match:
    """A natural key: a field whose value tells that an existing record is the one meant.

    `shared`: several keys of one connection may stand for the same record (two customers of a shop who name the same company).
    Of an account, `contact` and `contactPhone` are no fields. The value of `contact` is an e-mail address, and the account of the only
    contact who has it is meant; that of `contactPhone` a phone number, and the account of all contacts who have it. A number is told as E.164.
    `phone` of a contact is either of their numbers. Where several contacts have it, none of them is meant.
    `within`: the field is a text, and the value stands somewhere in it, as a word of its own.
    """

    field: str
    value: str
    shared: bool = False
    within: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsert:
    """One record as it should be.

    A field is named as Upsales names it, or `custom.<ALIAS>` for a custom field. It stands in the mapping of its write policy:
    `set`: always. `on_create`: only when the record is made. `if_empty`: while Upsales holds nothing there.
    `if_ours`: as `if_empty`, but only in a record that we made.
    `while_ours`: while Upsales holds nothing there, or just what we wrote, so that a word of ours can be taken back.
    `surest`: a value with a standing. It is written when the record is made; after that a surer one replaces it, unless a person changed
    it meanwhile. What was told fills a field that is empty, too; what only stands in does so where it `fills`.
    `placed`: as `surest`, for the company where the record belongs: the first of those that are there. It is left alone where nothing else
    is said of a record that exists.

    A contact's `unsubscribed` (a moment) opts the person out of mailings, in `set` with `final`: somebody has just opted out. In `if_empty`: somebody has
    at some time, and who was opted in again by a person in Upsales stays so.

    `create=False` updates a record that exists and does nothing otherwise.
    `final`: what it sets stands, whatever else its connection tells of these fields, earlier or later.
    `also`: other keys that the sender has for the same thing, of the same resource.
    `merged_into`: the key under which the thing goes on. The record becomes that key's, unless that key has one of its own.
    `again`: fields in `set` that happened anew: written once more where a person took back what we wrote, though the value is the same.
    `gone`: the thing is gone at the sender. Nothing of this is said of a record that goes on under another key.
    `only_with`: nothing is done while that key has no record.
    `instead_of`: it stands in for that key, and does nothing if that has a record. `domain`: the mail domain that the company is told by;
    one of the account's own users tells nothing.
    `ambiguous`: what to do when several records match.
    `number`: what people and other programs call an order. By it one is found that another integration made, where a connection is set so.
    `left_out`: what the sender told and the record does not hold, a sentence each without a full stop. The event's reason says it.
    `made_with`, `made_without`: it is made only where each of these has a record, and none of those has or had one. What exists is changed
    all the same.
    """

    key: Key
    match: tuple[Match, ...] = ()
    set: Mapping[str, Value] = field(default_factory=dict)
    on_create: Mapping[str, Value] = field(default_factory=dict)
    if_empty: Mapping[str, Value] = field(default_factory=dict)
    if_ours: Mapping[str, Value] = field(default_factory=dict)
    while_ours: Mapping[str, Value] = field(default_factory=dict)
    placed: Mapping[str, tuple[Placed, ...]] = field(default_factory=dict)
    surest: Mapping[str, Sure] = field(default_factory=dict)
    create: bool = True
    final: bool = False
    also: tuple[Key, ...] = ()
    merged_into: Key | None = None
    gone: bool = False
    only_with: Key | None = None
    instead_of: Key | None = None
    domain: str | None = None
    ambiguous: Ambiguous = "review"
    number: str | None = None
    left_out: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    made_with: tuple[Key, ...] = ()
    made_without: tuple[Key, ...] = ()

    @property
    def only_looks(self) -> bool:
        """Whether it does no more than find a record, for others to link to."""
        return not (self.create or self.placed or self.number or any(self.fields))

    @property
    def made_once(self) -> bool:
        """Whether it says nothing of a record that exists."""
        return not (self.set or self.if_empty or self.if_ours or self.while_ours or self.surest)

    @property
    def fields(self) -> Iterator[tuple[str, Value]]:
        """Every field that it may write, with its value; without those in `placed`."""
        for policy in (self.set, self.on_create, self.if_empty, self.if_ours, self.while_ours):
            yield from policy.items()
        yield from ((name, sure.value) for name, sure in self.surest.items())


Plan: TypeAlias = tuple[Upsert, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """What a mapping answers instead of a plan: nothing is to be done, by this named rule.

    `code`: the kind of reason (`worker/logs/reasons.py`).
    """

    rule: str
    code: str = field(default="rule", compare=False)


def stands_in(match: Match, text: str) -> bool:
    """Whether the value stands in a text as a word of its own: `#1002` in `Shopify #1002`, but not in `#10020`, `#1002-B` or `&#1002;`."""
    value = re.escape(composed(match.value).strip().casefold())
    alone = rf"(?<![\w&])(?<!\w[-/.]){value}(?!\w)(?![-/.]\w)"
    return bool(value) and re.search(alone, composed(text).casefold()) is not None


def normalised(match: Match) -> str:  # noqa: PLR0911 - one return a kind of natural key
    """The form in which two values of a natural key are compared: `å` is one letter, whether it was written as one or as `a` and a ring."""
    value = composed(match.value)
    match match.field:
        case "email":
            return value.strip().lower()
        case "orgNo":
            return composed("".join(c for c in value if c.isalnum()).casefold())
        case "name":
            return folded(value)
        case "legalName":
            return without_legal_form(value)
        case "webpage":
            return host(value)
        case "contact":
            return value.strip().lower()
        case "phone" | "contactPhone":
            return e164(value) or value.strip()
        case _:
            return value.strip()


def folded(name: str) -> str:
    """A name without regard to case and blanks. Folding case may take letters apart again."""
    return composed(" ".join(composed(name).split()).casefold())


LEGAL_FORMS = ("ab (publ)", "aktiebolag", "publ ab", "ab", "hb", "kb", "a/s", "as", "aps", "oyj", "oy", "gmbh", "ltd")
"""Of the Nordic countries, Germany and Britain, as they stand before or behind a name; longer ones first."""
_FORMS = "|".join(map(re.escape, LEGAL_FORMS))
LEGAL_FORM = re.compile(rf"[ ,]+(?:{_FORMS})$|^(?:{_FORMS})[ ,]+", re.IGNORECASE)


def bare_name(name: str) -> str:
    """A name without its legal forms, else as it is written: `Norrbygg` for `Norrbygg AB (publ)`, `Norrbygg, AB` and `Oy Norrbygg Ab`."""
    whole = " ".join(composed(name).split()).rstrip("., ")
    return LEGAL_FORM.sub("", whole) or whole


def without_legal_form(name: str) -> str:
    """The form in which two names are compared without regard to their legal forms, case, blanks and commas."""
    return folded(bare_name(name).replace(",", " "))


LONGEST_LABEL = 63
"""Letters between two dots of a host, https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4."""
SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//")


def host(webpage: str) -> str:
    """The host of a web page, however it is written: with a scheme, with `www.`, with a path, in punycode."""
    bare = composed(webpage.strip().lower())
    authority = re.split(r"[/?#]", SCHEME.sub("", bare), maxsplit=1)[0]
    # A host has no blanks; what is copied may have a line break at its end.
    name = "".join(authority.rpartition("@")[2].partition(":")[0].split()).rstrip(".").removeprefix("www.")
    return ".".join(map(_readable, name.split(".")))


def _readable(label: str) -> str:
    """A label of a host without punycode, https://www.rfc-editor.org/rfc/rfc3492."""
    if not label.startswith("xn--") or len(label) > LONGEST_LABEL:
        return label
    try:
        return composed(label.removeprefix("xn--").encode().decode("punycode"))
    except UnicodeError:
        return label


def keys_in(value: Value) -> Iterator[Key]:
    """Every record that a field's value links to."""
    if isinstance(value, Key):
        yield value
    elif isinstance(value, IfKnown):
        yield value.key
    elif isinstance(value, ClientOf) and isinstance(value.record, Key):
        yield value.record
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
        if_ours=_fields(upsert.if_ours, known),
        placed={name: _first(choices, known) for name, choices in upsert.placed.items()},
        while_ours=_fields(upsert.while_ours, known),
    )


def _first(choices: tuple[Placed, ...], known: Container[Key]) -> tuple[Placed, ...]:
    """The first one that is there; the last one where none is, if it is needed."""
    last = choices[-1:] if all(choice.needed for choice in choices[-1:]) else ()
    return next(((choice,) for choice in choices if choice.key in known), last)


def _fields(fields: Mapping[str, Value], known: Container[Key]) -> dict[str, Value]:
    return {name: kept for name, value in fields.items() for kept in _kept(value, known)}


def _kept(value: Value, known: Container[Key]) -> tuple[Value, ...]:
    """The value, or nothing. A list or a group that only held what is left out is left out itself."""
    if isinstance(value, IfKnown):
        return (value.key,) if value.key in known else ()
    if isinstance(value, ClientOf):
        return (value,) if isinstance(value.record, Ref) or value.record in known else ()
    if isinstance(value, tuple):
        parts = tuple(kept for part in value for kept in _kept(part, known))
        return (parts,) if parts or not value else ()
    if isinstance(value, Mapping):
        fields = _fields(value, known)
        return (fields,) if fields or not value else ()
    return (value,)
