"""Defines a custom field, and what becomes of a value that is converted for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from schemas.upsales import custom
from worker.plan import Value
from worker.sdk.mapping.text import clip

SHOWN = 200
"""How many characters of a value an event's note shows."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field as the account defines it. `datatype`: in lower case, empty where it is not known."""

    id: int
    alias: str
    datatype: str = ""
    options: tuple[str, ...] = ()
    longest: int | None = None

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> CustomField:
        return cls(
            definition["id"],
            str(definition.get("alias") or definition.get("name") or definition["id"]),
            custom.datatype(definition),
            custom.options(definition),
            custom.longest(definition),
        )


@dataclass(frozen=True, slots=True)
class Misfit:
    """What was told and is not in the field. `partly`: its beginning is."""

    text: str
    reason: str
    partly: bool = False

    def sentence(self, field: CustomField) -> str:
        """On one line, for an event's note."""
        return self._sentence(field, clip(self.text, SHOWN))

    def in_full(self, field: CustomField) -> str:
        """For the notes of a record."""
        return self._sentence(field, self.text)

    def _sentence(self, field: CustomField, text: str) -> str:
        return f"Not kept{' in full' if self.partly else ''}: {field.alias} '{text}' ({self.reason})"


@dataclass(frozen=True, slots=True)
class Fit:
    """What the field is to hold. `without`: what of the value is left out."""

    value: Value
    without: Misfit | None = None


Converted: TypeAlias = Fit | Misfit


def plain(value: Value) -> str:
    """The value as text, as Upsales keeps it in a field of text."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal):
        return fixed(value)
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, tuple):
        return "; ".join(filter(None, map(plain, value)))
    # JavaScript trims a byte order mark too, which Python doesn't.
    return str(value).strip().strip("\ufeff").strip()


def fixed(number: Decimal) -> str:
    """Without an exponent, and without zeros at the end."""
    return f"{number.normalize():f}" if number else "0"
