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


def _string(value: str) -> str | None:
    return text_problem(value, STRING_LENGTH)


# The documented names, and the short codes that definitions may come back with.
_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    **dict.fromkeys(("string", "str"), _string),
    **dict.fromkeys(("integer", "int"), _whole),
    **dict.fromkeys(("currency", "cur", "percent", "per", "discount", "dis"), _number),
    **dict.fromkeys(("boolean", "chk"), _flag),
    **dict.fromkeys(("date", "dat"), day_problem),
    **dict.fromkeys(("time", "tim"), _time),
    **dict.fromkeys(("email", "eml"), _email),
}

_SELECTS = {"select", "sel", "cbo"}


def custom_problem(definition: Mapping[str, Any], value: str | None) -> str | None:
    """Why Upsales would not keep the value in the custom field of this definition. An empty value empties the field."""
    if not value:
        return None
    datatype = str(definition.get("datatype", "")).lower()
    check = _CHECKS.get(datatype)
    if check and (problem := check(value)):
        return problem
    choices = definition.get("default")
    if datatype in _SELECTS and isinstance(choices, list) and value not in map(str, choices):
        return f"is not one of {', '.join(map(str, choices[:10]))}"
    longest = definition.get("maxLength")
    return text_problem(value, longest if isinstance(longest, int) and longest > 0 else None)
