"""Changes values silently, as Upsales does.

Text is trimmed and cut, junk becomes zero or null, references that lead nowhere vanish.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Protocol

from web.sandbox import dates
from web.sandbox.answers import Json, invalid
from web.sandbox.fields import Field, Kind


class Known(Protocol):
    """Who can tell whether a reference leads anywhere."""

    def has(self, resource: str, record_id: int) -> bool: ...


def coerced(name: str, field: Field, value: Json, known: Known) -> Json:
    """What is stored when this value is sent for this field."""
    if value is None:
        return [] if field.kind in {Kind.REFS, Kind.CUSTOM, Kind.ROWS} else field.default
    if field.kind is Kind.REF:
        return reference(field.of, value, known)
    if field.kind is Kind.REFS:
        return references(field, value, known)
    if field.kind is Kind.CHOICE:
        return chosen(name, field, value)
    if field.kind is Kind.TEXT:
        return text(value, field.size)
    return READ[field.kind](value)


def text(value: Json, size: int | None) -> str | None:
    if isinstance(value, dict | list):
        return None
    return shown(value).strip()[:size]


def shown(value: Json) -> str:
    """A scalar as JavaScript would print it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def number(value: Json) -> int | float:
    if isinstance(value, bool):
        return int(value)
    try:
        exact = float(value)
    except (TypeError, ValueError):
        return 0
    if not math.isfinite(exact):
        return 0
    return int(exact) if exact.is_integer() else exact


def integer(value: Json) -> int:
    return int(number(value))


def truth(value: Json) -> bool:
    return value in {True, "1", "true"} if isinstance(value, bool | int | str) else bool(value)


def flag(value: Json) -> int:
    return int(truth(value))


def chosen(name: str, field: Field, value: Json) -> str | None:
    taken = text(value, None)
    if taken in field.choices:
        return taken
    if field.refusal:
        raise invalid(f"Invalid value for {name}", field.refusal)
    return field.default if isinstance(field.default, str) else None


def identifier(value: Json) -> int | None:
    """The id in {"id": 1}, 1 or "1"."""
    inner = value.get("id") if isinstance(value, dict) else value
    if isinstance(inner, bool) or not isinstance(inner, int | str):
        return None
    return int(inner) if str(inner).isdecimal() else None


def reference(of: str | None, value: Json, known: Known) -> dict[str, int] | None:
    target = identifier(value)
    if target is None or (of is not None and not known.has(of, target)):
        return None
    return {"id": target}


def references(field: Field, value: Json, known: Known) -> list[dict[str, int]]:
    items = value if isinstance(value, list) else [value]
    found = [taken for item in items if (taken := reference(field.of, item, known))]
    return found[: field.most]


def objects(value: Json) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def untouched(value: Json) -> Json:
    return value


READ: Mapping[Kind, Callable[[Json], Json]] = {
    Kind.INTEGER: integer,
    Kind.NUMBER: number,
    Kind.FLAG: flag,
    Kind.BOOLEAN: truth,
    Kind.DAY: dates.day,
    Kind.MIDNIGHT: dates.midnight,
    Kind.INSTANT: dates.instant,
    Kind.CLOSING: dates.closing,
    Kind.ROWS: objects,
    Kind.CUSTOM: objects,
    Kind.FREE: untouched,
}
