"""Writes values of plans and of records for people, and masks those that may be personal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from worker.admin.masking import Masking
from worker.admin.plain import is_plain_number
from worker.admin.shapes import shape
from worker.plan import (
    ActivityType,
    ClientOf,
    IfKnown,
    Key,
    Product,
    Ref,
    Row,
    Stage,
    Sure,
    TicketStatus,
    User,
    Value,
    bare_name,
)

PLAIN: Final = frozenset({"journeyStep"})
"""Fields of Upsales's own, whose texts are its own words."""
NAMED: Final = ("name", "description", "email", "articleNo", "id")
"""By which of a record's fields people know it, the first that it has."""
UNTOLD: Final = "\N{EN DASH}"


def told(name: str, value: Value | Sure, *, masked: bool) -> str:
    """What a plan sets a field to."""
    return _text(name, value, masked=masked) or UNTOLD


def shown(name: str, value: Any, *, masked: bool) -> str:
    """What Upsales shows in a field."""
    if isinstance(value, Mapping):
        found = next((each for each in NAMED if value.get(each) not in (None, "")), None)
        return UNTOLD if found is None else shown(found, value[found], masked=masked)
    if isinstance(value, list | tuple):
        return ", ".join(shown(name, each, masked=masked) for each in value) or UNTOLD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _masked(name, value.strip(), masked=masked) or UNTOLD
    return UNTOLD if value is None else _number(name, value, masked=masked)


def sentence(text: str | None, *, masked: bool) -> str | None:
    """One of ours, in which what a sender told may stand."""
    return Masking(masks=masked).sentence(text)


def id_text(text: str, *, masked: bool) -> str:
    """A sender's id or subject may be an address."""
    return Masking(masks=masked).id(text)


def type_text(text: str, *, masked: bool) -> str:
    """Of an event."""
    return Masking(masks=masked).type(text)


def key_text(key: Key, *, masked: bool) -> str:
    return f"{key.resource} {id_text(key.id, masked=masked)}"


def _text(name: str, value: Any, *, masked: bool) -> str:
    if isinstance(value, Sure):
        return _text(name, value.value, masked=masked)
    if isinstance(value, tuple | list):
        return ", ".join(_text(name, each, masked=masked) for each in value)
    if isinstance(value, Mapping):
        return "; ".join(_named_parts(value.items(), masked=masked))
    if isinstance(value, Row):
        return f"{value.quantity} of {_text(name, value.product, masked=masked)} at {value.price}"
    reference = _reference(value, masked=masked)
    return _scalar(name, value, masked=masked) if reference is None else reference


def _reference(value: Any, *, masked: bool) -> str | None:  # noqa: PLR0911 - one return a type
    match value:
        case Key():
            return key_text(value, masked=masked)
        case IfKnown():
            return key_text(value.key, masked=masked)
        case User():
            return shape(value.email) if masked else value.email
        case Stage():
            return value.name or f"{value.probability} %"
        case ActivityType():
            return value.name or f"the first {value.kind} type"
        case TicketStatus():
            return value.name
        case Product():
            return value.article_no or value.name or value.fallback or ""
        case ClientOf():
            return f"the company of {_reference(value.record, masked=masked)}"
        case Ref():
            return str(value.id)
        case _:
            return None


def _scalar(name: str, value: Any, *, masked: bool) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return _masked(name, value.strip(), masked=masked)
        case datetime() | date():
            return value.isoformat()
        case _:
            return _number(name, value, masked=masked)


def _named_parts(parts: Iterable[tuple[str, Any]], *, masked: bool) -> Iterable[str]:
    return (f"{name} {_text(name, value, masked=masked)}" for name, value in parts)


def _masked(name: str, text: str, *, masked: bool) -> str:
    # A name with a legal form is a company's, not a person's.
    if name in PLAIN or (name == "name" and bare_name(text) != text):
        return text
    return Masking(masks=masked).text(name, text)


def _number(name: str, value: Any, *, masked: bool) -> str:
    text = str(value)
    return text if not masked or is_plain_number(name, text) else shape(text)
