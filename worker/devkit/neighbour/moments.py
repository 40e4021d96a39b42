"""Writes moments as a sender does, and compares them in the sender's own form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from worker.sdk.event_time import instant

UNITS: Final = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3), (0, 1))
"""From which number on it counts how many parts of a second."""


def written(moment: datetime, like: Any) -> Any:
    """The moment in the form of another one of the same field; ISO 8601 where there is none."""
    number = _number(like)
    if number is not None:
        parts = next(parts for least, parts in UNITS if number >= least)
        whole = int(moment.timestamp() * parts)
        return str(whole) if isinstance(like, str) else whole
    text = moment.astimezone(UTC).isoformat()
    return text.replace("+00:00", "Z") if isinstance(like, str) and like.endswith("Z") else text


def read(value: Any) -> datetime | None:
    return instant(None if value is None else str(value))


def since(moment: datetime, asked: str, form: Callable[[datetime], str]) -> bool:
    """Whether the moment is not before the one that was asked for. Both are compared as the sender writes them: to its precision."""
    ours, theirs = form(moment.astimezone(UTC)), asked
    numbers = _number(ours), _number(theirs)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] >= numbers[1]
    return ours >= theirs


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
