"""Converts values for fields of numbers, percentages and yes or no."""

from __future__ import annotations

import re
from decimal import Context, Decimal

from worker.plan import Value
from worker.sync.typed.field import Converted, CustomField, Fit, Misfit, fixed, plain

MOST_DIGITS = 15
"""Upsales is written in JavaScript, whose numbers lose digits beyond this."""

LIMIT = Decimal(10) ** MOST_DIGITS
SMALLEST = Decimal(10) ** -MOST_DIGITS
PRECISION = Context(prec=MOST_DIGITS)
WIDE = Context(prec=2 * MOST_DIGITS)

PLAIN = re.compile(r"[+-]?\d+([.,]\d+)?(e[+-]?\d{1,2})?", re.IGNORECASE)
GROUPED = re.compile(r"[+-]?\d{1,3}([\s'\u2019]\d{3})+([.,]\d+)?")
POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")
COMMAS = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(,\d{3}){2,}")
UNCLEAR = re.compile(r"[+-]?\d{1,3},\d{3}")
"""12,500 is a dozen and a half to some and twelve thousand five hundred to others."""

YES = frozenset({"1", "true", "yes", "y", "on", "ja", "j", "sant"})
NO = frozenset({"0", "false", "no", "n", "off", "nej", "nei", "falskt"})


def whole(_: CustomField, value: Value) -> Converted:
    number = _number(plain(value))
    if number is None or number != number.to_integral_value():
        return Misfit(plain(value), "a field for whole numbers")
    return Fit(fixed(number))


def amount(_: CustomField, value: Value) -> Converted:
    return _amount(plain(value), plain(value))


def percent(_: CustomField, value: Value) -> Converted:
    return _amount(plain(value), plain(value).removesuffix("%").rstrip())


def flag(_: CustomField, value: Value) -> Converted:
    word = plain(value).casefold()
    if word in YES | NO:
        return Fit("1" if word in YES else "0")
    return Misfit(plain(value), "a yes/no field")


def _amount(told: str, text: str) -> Converted:
    number = _number(text)
    return Misfit(told, "a number field") if number is None else Fit(fixed(number))


def _number(text: str) -> Decimal | None:
    """Written as machines do, or as people do: 1 200,50, 1.200,50, 1,200.50."""
    text = text.replace("\N{MINUS SIGN}", "-")
    if GROUPED.fullmatch(text):
        text = re.sub(r"[\s'\u2019]", "", text).replace(",", ".")
    elif POINTS.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif COMMAS.fullmatch(text):
        text = text.replace(",", "")
    elif PLAIN.fullmatch(text) and not UNCLEAR.fullmatch(text):
        text = text.replace(",", ".")
    else:
        return None
    return _rounded(Decimal(text))


def _rounded(number: Decimal) -> Decimal | None:
    """A fraction is rounded to what is kept of it; a whole number that is too long is none."""
    if abs(number) >= LIMIT:
        return None
    return PRECISION.plus(number).quantize(SMALLEST, context=WIDE) if abs(number) < 1 else PRECISION.plus(number)
