"""Writes values of plans and of records for people, and masks those that may be personal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from worker.admin.masking import shape
from worker.plan import ActivityType, ClientOf, IfKnown, Key, Product, Ref, Row, Stage, Sure, User, Value, bare_name

PLAIN: Final = frozenset({"currency", "journeyStep", "active", "probability", "priority", "status"})
"""Fields whose texts are never about a person. What is not named here is masked."""
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
        return (
            UNTOLD
            if found is None
            else shown(name if found in ("email", "name") else "id", value[found], masked=masked)
        )
    if isinstance(value, list | tuple):
        return ", ".join(shown(name, each, masked=masked) for each in value) or UNTOLD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _masked(name, value.strip(), masked=masked) or UNTOLD
    return UNTOLD if value is None else str(value)


def key_text(key: Key, *, masked: bool) -> str:
    """One that is made of an address or a name is personal; an id of the sender's is not."""
    if not (masked and key.natural):
        return f"{key.resource} {key.id}"
    kind, _, rest = key.id.partition(":")
    return f"{key.resource} {kind}:{shape(rest)}"


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
        case Product():
            return value.article_no or value.name or value.fallback or ""
        case ClientOf():
            return f"the company of {_reference(value.contact, masked=masked)}"
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
            return str(value)


def _named_parts(parts: Iterable[tuple[str, Any]], *, masked: bool) -> Iterable[str]:
    return (f"{name} {_text(name, value, masked=masked)}" for name, value in parts)


def _masked(name: str, text: str, *, masked: bool) -> str:
    if not masked or name in PLAIN or _day(text) or (name == "name" and bare_name(text) != text):
        # A name with a legal form is a company's.
        return text
    return shape(text)


def _day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) >= len("2026-01-31") and "-" in text
