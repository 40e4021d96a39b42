"""Reads signed timestamps strictly, and believes only those near to now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from worker.sdk.request import Request
from worker.sdk.signatures.scheme import with_header

FIVE_MINUTES = timedelta(minutes=5)

Unit: TypeAlias = Literal["s", "ms", "rfc3339"]

# Digits only: int() and float() would also take "+1", "1_0", "1e9", "nan" and the digits of other scripts.
_DIGITS = re.compile(r"[0-9]{1,16}")
_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A header with the time of signing, as a piece of what is signed. A replay outside the window is refused."""

    header: str
    unit: Unit = "s"
    tolerance: timedelta = FIVE_MINUTES

    def __call__(self, request: Request, now: datetime) -> bytes | None:
        text = request.header(self.header)
        if text is None or not is_near(text, self.unit, self.tolerance, now):
            return None
        return text.encode()

    def stamp(self, request: Request, now: datetime) -> Request:
        return with_header(request, self.header, written(now, self.unit).encode())


def is_near(text: str, unit: Unit, tolerance: timedelta, now: datetime) -> bool:
    """Not older and, because a clock may run fast and an attacker may plan ahead, not newer than the tolerance."""
    then = _epoch(text, unit)
    return then is not None and abs(now.timestamp() - then) <= tolerance.total_seconds()


def written(now: datetime, unit: Unit) -> str:
    if unit == "rfc3339":
        return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(int(now.timestamp() * 1000) if unit == "ms" else int(now.timestamp()))


def _epoch(text: str, unit: Unit) -> float | None:
    if unit == "rfc3339":
        return _rfc3339_epoch(text)
    if not _DIGITS.fullmatch(text):
        return None
    return int(text) / 1000 if unit == "ms" else int(text)


def _rfc3339_epoch(text: str) -> float | None:
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:  # the 31st of February
        return None
