"""Lays side by side what the sender says and what each record in question shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from worker.admin.reviews.texts import UNTOLD, shown, told
from worker.plan import ActivityType, Key, Match, Product, Ref, Resource, Stage, TicketStatus, Upsert, User, Value
from worker.sync.compare import kept
from worker.sync.matching import agrees
from worker.sync.view import CUSTOM, custom_value
from worker.sync.wire import to_wire

Mark: TypeAlias = Literal["=", "≠", "+", ""]
"""The same, another, nothing there; or it can't be compared without asking Upsales more."""

UNSHOWN: Final = frozenset({"contact", "legalName"})
"""Natural keys that are no field of a record."""
IDENTITY: Final[Mapping[str, Sequence[str]]] = {
    "account": ("name", "orgNo", "phone", "webpage"),
    "contact": ("name", "email", "phone", "client"),
    "product": ("name", "articleNo"),
    "order": ("description", "date", "client"),
}
"""What a record is known by, where the sender says nothing of it."""
OTHERS: Final = ("name", "description", "date")


@dataclass(frozen=True, slots=True)
class Told:
    """What the sender says of one field. `match`: as a natural key."""

    name: str
    value: Value = None
    match: Match | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What a record shows in the field, and how that compares. None: it was not read, or there is none."""

    text: str | None
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Line:
    field: str
    said: str
    cells: Sequence[Cell]


def lines(
    upserts: Sequence[Upsert],
    resource: Resource,
    records: Sequence[Mapping[str, Any] | None],
    *,
    custom: Mapping[str, int],
    record_of: Callable[[Key], int | None],
    masked: bool,
) -> Sequence[Line]:
    """`custom`: ids of custom fields by alias. `record_of`: the record that a key is linked to."""
    found = []
    for each in fields_of(upserts, resource):
        cells = [_cell(each, data, custom, record_of, masked=masked) for data in records]
        found.append(Line(each.name, told(each.name, each.value, masked=masked), cells))
    return found


def fields_of(upserts: Sequence[Upsert], resource: Resource) -> Sequence[Told]:
    """Natural keys first, each field once; where nothing is said, what such a record is known by."""
    found: dict[str, Told] = {}
    for each in _told(upserts):
        if each.name not in UNSHOWN:
            found.setdefault(each.name, each)
    return list(found.values()) or [Told(name) for name in IDENTITY.get(resource, OTHERS)]


def _told(upserts: Sequence[Upsert]) -> Iterator[Told]:
    for upsert in upserts:
        yield from (Told(match.field, match.value, match) for match in upsert.match)
    for upsert in upserts:
        yield from (Told(name, value) for name, value in upsert.fields)
        yield from (Told(name, choices[0].key) for name, choices in upsert.placed.items() if choices)


def _cell(
    each: Told,
    data: Mapping[str, Any] | None,
    custom: Mapping[str, int],
    record_of: Callable[[Key], int | None],
    *,
    masked: bool,
) -> Cell:
    if data is None:
        return Cell(None)
    alias = each.name.removeprefix(CUSTOM)
    if alias != each.name and alias not in custom:
        return Cell(None)
    value = custom_value(data, custom[alias]) if alias != each.name else data.get(each.name)
    return Cell(shown(each.name, value, masked=masked), _mark(each, value, record_of))


def _mark(each: Told, value: Any, record_of: Callable[[Key], int | None]) -> Mark:
    said = each.value
    if said in (None, "", ()):
        return ""
    if value in (None, "", [], {}) or shown(each.name, value, masked=False) == UNTOLD:
        return "+"
    same = _same(each, said, value, record_of)
    return "" if same is None else "=" if same else "≠"


def _same(each: Told, said: Any, value: Any, record_of: Callable[[Key], int | None]) -> bool | None:
    """None where only Upsales could tell."""
    if each.match is not None:
        return agrees(each.match, value)
    by, name = _named(said)
    if by:
        found = [str(part[by]) for part in _parts(value) if part.get(by)]
        return name.casefold() in map(str.casefold, found) if found else None

    def resolve(reference: object) -> int:
        if isinstance(reference, Ref):
            return reference.id
        record = record_of(reference) if isinstance(reference, Key) else None
        if record is None:
            raise LookupError(reference)
        return record

    try:
        return kept(each.name, to_wire(said, resolve), value)
    except LookupError:
        return None


def _named(said: Any) -> tuple[str, str]:
    """By which field Upsales shows what a reference names, and as what."""
    match said:
        case User():
            return "email", said.email
        case Stage(name=str(name)) | ActivityType(name=str(name)) | TicketStatus(name=name):
            return "name", name
        case Product(article_no=str(number)):
            return "articleNo", number
        case _:
            return "", ""


def _parts(value: Any) -> Sequence[Mapping[str, Any]]:
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, Mapping)]
