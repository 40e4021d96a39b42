"""Reads values of a loaded payload by their path, and shows all of it as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from schemas.wire import Amount
from worker.plan import Stage, Value
from worker.sdk.mapping.text import block


def at(payload: Any, path: str) -> Any:
    """The value at a dotted path; None where something on the way is absent or null."""
    for step in path.split("."):
        payload = payload.get(step) if isinstance(payload, Mapping) else None
    return payload


def summary(payload: Any) -> str:
    """A line for each value there is: `visit place: Södra hallen`."""
    return block("\n".join(f"{' '.join(path)}: {text}" if path else text for path, text in _lines(payload, ())))


def _lines(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _lines(part, (*path, str(name).strip("_").replace("_", " ")))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value, 1):
            yield from _lines(part, (*path, str(number)))
    elif value is not None and (text := " ".join(_text(value).split())):
        yield path, text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


PERCENT = re.compile(r"(<?)\s*(\d{1,3})\s*%")
AMOUNT = Amount()
NOTHING: tuple[Value, ...] = (None, "", (), {})


def filled(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The fields that say something. What a sender doesn't know must not empty what people wrote in Upsales."""
    return {name: value for name, value in fields.items() if value not in NOTHING}


def stage(text: str) -> Stage:
    """`Won` is the stage of that name, `90%` the active stage of that probability, `<100%` the last one before it."""
    percent = PERCENT.fullmatch(text.strip())
    return Stage(probability=int(percent[2]), below=bool(percent[1])) if percent else Stage(name=text.strip())


def money(amount: Decimal | float | str | None) -> Decimal:
    """None and blank are zero; a float means the digits it is written with. Raises ValidationError for what no CRM could mean."""
    exact: Decimal = AMOUNT.deserialize(str(amount)) if amount else Decimal()
    return exact


def rounded(amount: Decimal, decimals: int = 2) -> Decimal:
    """Rounds half a unit away from zero, as in commerce."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=60))
