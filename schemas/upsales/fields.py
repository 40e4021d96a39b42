"""Defines the kinds of value that Upsales stores exactly as they were sent.

Upsales answers 200 and stores something else for text with outer blanks (trimmed), text that is too long (cut), a number that is
text (0), a date it can't read (null) or a reference that leads nowhere (null). Each of these is an error here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields

SAFE_INTEGER = 2**53 - 1
"""Upsales is written in JavaScript, whose numbers lose digits beyond this."""

FIXED = "can't be changed once it exists"
"""What is said of a field that only a create may carry."""

CLEARS = "API_BLANK"
"""Upsales's own integration template takes this text for an empty value:
https://github.com/upsales/upsales-node-integration-template"""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:\d{2})")


def text_problem(value: object, longest: int | None) -> str | None:
    if not isinstance(value, str):
        return "is not text"
    # JavaScript trims a byte order mark too, which Python doesn't.
    if value != value.strip() or value != value.strip("\ufeff"):
        return "starts or ends with a blank, which Upsales removes"
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        return "holds a NUL or half a surrogate pair, which can't be stored"
    if value == CLEARS:
        return f"is {CLEARS}, which Upsales takes for an order to empty the field"
    if longest is not None and utf16_length(value) > longest:
        return f"is {utf16_length(value)} characters long; Upsales cuts it at {longest}"
    return None


def utf16_length(text: str) -> int:
    """JavaScript counts a character beyond the basic plane as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def day_problem(value: object) -> str | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return "is not a date (YYYY-MM-DD)"
    try:
        date.fromisoformat(value)
    except ValueError:
        return "is no day of the calendar"
    return None


def moment_problem(value: object) -> str | None:
    if not isinstance(value, str) or not (read := _MOMENT.fullmatch(value)):
        return "is not a time with an offset (YYYY-MM-DDThh:mm:ssZ)"
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "is no time of the calendar"
    if (read[2] or "").strip(".,0"):
        return "has fractions of a second, which Upsales cuts"
    return None


def number_problem(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "is not a number"
    if not math.isfinite(value) or abs(value) > SAFE_INTEGER:
        return "is too large, or no number at all"
    return None


class Exact(fields.Field[Any]):
    """A field that is checked and never changed. An optional one may be null, which empties it."""

    nullable = True
    default_error_messages: dict[str, str | list[Any] | dict[Any, Any]] = {  # noqa: RUF012 - as marshmallow declares it
        "required": "is missing",
        "null": "can't be null",
    }

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, allow_none=self.nullable and not required)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if problem := self.problem(value):
            raise ValidationError(problem)
        return value

    def problem(self, value: Any) -> str | None:
        raise NotImplementedError


class Text(Exact):
    def __init__(self, longest: int | None = None, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.longest = longest

    def problem(self, value: Any) -> str | None:
        if value == "" and self.required:
            return "is empty"
        return text_problem(value, self.longest)


class Email(Text):
    def problem(self, value: Any) -> str | None:
        if found := super().problem(value):
            return found
        if value and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            return "is not an e-mail address"
        return None


class Pattern(Text):
    def __init__(self, pattern: str, meaning: str) -> None:
        super().__init__()
        self.pattern = re.compile(pattern)
        self.meaning = meaning

    def problem(self, value: Any) -> str | None:
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            return f"is not {self.meaning}"
        return None


class OneOf(Exact):
    nullable = False

    def __init__(self, *choices: str | int, required: bool = False) -> None:
        super().__init__(required=required)
        self.choices = choices

    def problem(self, value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in self.choices:
            return f"is not one of {', '.join(map(str, self.choices))}"
        return None


class Number(Exact):
    """Never null: Upsales would store 0."""

    nullable = False

    def problem(self, value: Any) -> str | None:
        return number_problem(value)


class Whole(Number):
    def __init__(self, lowest: int | None = None, highest: int | None = None, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.lowest = lowest
        self.highest = highest

    def problem(self, value: Any) -> str | None:
        if not isinstance(value, int) or (found := number_problem(value)):
            return "is not a whole number" if not isinstance(value, int) else found
        if self.lowest is not None and value < self.lowest:
            return f"is less than {self.lowest}"
        if self.highest is not None and value > self.highest:
            return f"is more than {self.highest}"
        return None


class Flag(Exact):
    """Upsales writes 0 and 1, and reads booleans as well."""

    nullable = False

    def problem(self, value: Any) -> str | None:
        return None if isinstance(value, bool | int) and value in {0, 1} else "is not true or false"


class Day(Exact):
    def problem(self, value: Any) -> str | None:
        return day_problem(value)


class Moment(Exact):
    def problem(self, value: Any) -> str | None:
        return moment_problem(value)


class DayOrMoment(Exact):
    def problem(self, value: Any) -> str | None:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return day_problem(value)
        return moment_problem(value)


class Reference(Exact):
    def problem(self, value: Any) -> str | None:
        if not isinstance(value, Mapping) or set(value) != {"id"}:
            return 'is not a reference ({"id": 1})'
        number = value["id"]
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= SAFE_INTEGER:
            return "refers to something that is no Upsales id"
        return None


class References(Exact):
    """An array of references. Upsales replaces the whole array."""

    nullable = False

    def __init__(self, *, required: bool = False, most: int | None = None) -> None:
        super().__init__(required=required)
        self.most = most

    def problem(self, value: Any) -> str | None:
        if not isinstance(value, list):
            return "is not an array of references"
        if self.required and not value:
            return "is empty"
        if self.most is not None and len(value) > self.most:
            return f"holds more than {self.most}"
        one = Reference(required=True)
        return next((found for entry in value if (found := one.problem(entry))), None)


class Part(fields.Nested):
    """A part of a record, which is sent whole even where the record is not."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,
        data: Mapping[str, Any] | None,
        partial: Any = None,
        **kwargs: Any,
    ) -> Any:
        del partial
        return super()._deserialize(value, attr, data, partial=False, **kwargs)
