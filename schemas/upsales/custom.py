"""Describes the values of custom fields that each datatype stores unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields

from schemas.upsales.fields import Part, Text, Whole, day_problem, text_problem

STRING_LENGTH = 255


class CustomValue(Schema):
    fieldId = Whole(1, required=True)
    value = Text()


def each_once(entries: list[Mapping[str, Any]]) -> None:
    ids = [entry["fieldId"] for entry in entries]
    if len(set(ids)) < len(ids):
        raise ValidationError("names a custom field twice")


def custom_values() -> fields.List[Any]:
    """`custom: [{"fieldId": 3, "value": "2210"}]`."""
    return fields.List(Part(CustomValue), validate=each_once)


def _number(value: str) -> str | None:
    return None if re.fullmatch(r"-?\d+(\.\d+)?", value) else "is not a number"


def _whole(value: str) -> str | None:
    return None if re.fullmatch(r"-?\d+", value) else "is not a whole number"


def _flag(value: str) -> str | None:
    return None if value in {"0", "1", "true", "false"} else "is not 0 or 1"


def _time(value: str) -> str | None:
    return None if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) else "is not a time (hh:mm)"


def _email(value: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+", value) else "is not an e-mail address"


# The short codes that definitions may come back with.
_SHORT: Mapping[str, str] = {
    "str": "string",
    "int": "integer",
    "cur": "currency",
    "per": "percent",
    "dis": "discount",
    "chk": "boolean",
    "dat": "date",
    "tim": "time",
    "eml": "email",
    "sel": "select",
    "cbo": "select",
}

_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    "integer": _whole,
    **dict.fromkeys(("currency", "percent", "discount"), _number),
    "boolean": _flag,
    "date": day_problem,
    "time": _time,
    "email": _email,
}


def datatype(definition: Mapping[str, Any]) -> str:
    """The datatype's documented name in lower case."""
    name = str(definition.get("datatype") or "").lower()
    return _SHORT.get(name, name)


def options(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """What can be selected; nothing where the definition does not tell."""
    choices = definition.get("default")
    return tuple(map(str, choices)) if isinstance(choices, list) else ()


def longest(definition: Mapping[str, Any]) -> int | None:
    """The length at which Upsales cuts a text."""
    told = definition.get("maxLength")
    known = [told] if isinstance(told, int) and told > 0 else []
    return min([*known, STRING_LENGTH]) if datatype(definition) == "string" else next(iter(known), None)


def custom_problem(definition: Mapping[str, Any], value: str | None) -> str | None:
    """Why Upsales would not keep the value in the custom field of this definition. An empty value empties the field."""
    if not value:
        return None
    kind, choices = datatype(definition), options(definition)
    check = _CHECKS.get(kind)
    if check and (problem := check(value)):
        return problem
    if kind == "select" and choices and value not in choices:
        return f"is not one of {', '.join(choices[:10])}"
    return text_problem(value, longest(definition))
