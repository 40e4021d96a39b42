"""Defines fields for numbers and flags that people and no-code tools write as text."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from schemas.wire import Amount, plausible

BLANK = "[ \u00a0\u2007\u2009\u202f]"
"""Between groups of digits: a blank, also one that does not break or is narrow."""

PLAIN = r"[0-9]+(\.[0-9]+)?"
DECIMAL_COMMA = (
    rf"[0-9]{{1,3}}({BLANK}[0-9]{{3}})+,[0-9]+",  # 12 500,50
    r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]+",  # 12.500,50
    r"[0-9]{1,3}(\.[0-9]{3}){2,}",  # 1.250.000
    r"[0-9]+,([0-9]{1,2}|[0-9]{4,})|0+,[0-9]+|[0-9]{4,},[0-9]+",  # 12,5 and 0,125 and 12500,500, but not 1,250
)
DECIMAL_POINT = (
    rf"[0-9]{{1,3}}({BLANK}[0-9]{{3}})+(\.[0-9]+)?",  # 12 500.50
    r"[0-9]{1,3}(,[0-9]{3})+\.[0-9]+",  # 12,500.50
    r"[0-9]{1,3}(,[0-9]{3}){2,}",  # 1,250,000
)
PATTERN = f"^[+-]?({'|'.join((PLAIN, *DECIMAL_COMMA, *DECIMAL_POINT))})$"
COMMA = re.compile(f"[+-]?({'|'.join(DECIMAL_COMMA)})")
POINT = re.compile(f"[+-]?({'|'.join((PLAIN, *DECIMAL_POINT))})")
AMBIGUOUS = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")
BETWEEN_GROUPS = re.compile(BLANK)

YES = ("true", "yes", "ja", "1")
NO = ("false", "no", "nej", "0")


def number(text: str) -> str:
    """The number as JSON would write it. Raises ValidationError where it can be read in two ways, or in none."""
    text = text.strip()
    if COMMA.fullmatch(text):
        return BETWEEN_GROUPS.sub("", text).replace(".", "").replace(",", ".")
    if POINT.fullmatch(text):
        return BETWEEN_GROUPS.sub("", text).replace(",", "")
    if AMBIGUOUS.fullmatch(text):
        raise ValidationError("Is the comma before decimals, or between thousands? Write 1250 or 1.25.")
    raise ValidationError("Not a number, such as 12500.50.")


class WrittenAmount(Amount):
    """An amount as a number or as text: `12500.50`, `12 500,50`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {**self.metadata, "pattern": PATTERN}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        return super()._deserialize(number(value) if isinstance(value, str) else value, attr, data, **kwargs)


class WholeNumber(fields.Integer):
    """A whole number, or text that says one: `12`, `1 200`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)
        self.metadata = {"type": ["integer", "string"], "pattern": PATTERN, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        exact = Decimal(number(value)) if isinstance(value, str) else value
        if isinstance(exact, Decimal):
            plausible(exact)
        whole = isinstance(exact, Decimal | float) and exact == int(exact)
        result: int = super()._deserialize(int(exact) if whole else exact, attr, data, **kwargs)
        return result


class Flag(fields.Boolean):
    """True or false, also as a word (`ja`, `nej`) or as 1 and 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(truthy={True, *YES}, falsy={False, *NO}, **kwargs)
        words = [spelled for word in (*YES, *NO) for spelled in dict.fromkeys((word, word.capitalize(), word.upper()))]
        self.metadata = {"type": ["boolean", "string", "integer"], "enum": [True, False, 1, 0, *words], **self.metadata}
        self.error_messages = {**self.error_messages, "invalid": "Not true or false."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        result: bool = super()._deserialize(
            value.strip().lower() if isinstance(value, str) else value, attr, data, **kwargs
        )
        return result
