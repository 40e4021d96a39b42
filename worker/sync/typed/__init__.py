"""Converts a value to the datatype of a custom field, or says why it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from worker.plan import Value
from worker.sync.records import Json
from worker.sync.typed import amounts, choices, days, texts
from worker.sync.typed.field import Converted, CustomField, Fit, Misfit, plain

__all__ = ["Converted", "CustomField", "Fit", "Misfit", "as_sent", "typed"]

_CONVERT: Mapping[str, Callable[[CustomField, Value], Converted]] = {
    "string": texts.text,
    "text": texts.text,
    "integer": amounts.whole,
    "currency": amounts.amount,
    "discount": amounts.amount,
    "percent": amounts.percent,
    "boolean": amounts.flag,
    "date": days.day,
    "time": days.time,
    "select": choices.select,
    "multiselect": choices.choices,
    "user": texts.user,
    "email": texts.email,
    "link": texts.link,
}


def typed(field: CustomField, value: Value) -> Converted:
    """The value as Upsales keeps it in the field. Nothing, which empties the field, fits, and so does a reference."""
    convert = _CONVERT.get(field.datatype)
    if convert is None or not _told(value):
        return Fit(value)
    return convert(field, value) if plain(value) else Fit("")


def as_sent(field: CustomField, shown: Json) -> Json:
    """What Upsales shows in the field, in the form in which we send it; as it is where that would be another value."""
    if field.datatype == "user" and isinstance(shown, int):
        return str(shown)
    found = typed(field, _read(shown))
    if isinstance(found, Fit) and found.without is None and isinstance(found.value, str):
        return found.value
    return shown


def _told(value: Value) -> bool:
    """Whether the sender told the value. A reference is looked up instead."""
    if isinstance(value, tuple):
        return all(map(_told, value))
    return isinstance(value, str | int | Decimal | date)


def _read(shown: Json) -> Json:
    if isinstance(shown, list):
        return tuple(map(_read, shown))
    return Decimal(str(shown)) if isinstance(shown, float) else shown
