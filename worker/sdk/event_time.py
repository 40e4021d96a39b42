"""Reads when an event happened, and says so where its sender's word can't count."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

AHEAD = timedelta(minutes=5)
"""So far a sender's clock may run ahead of ours."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FURTHEST_ZONE = timedelta(hours=14)
SHOWN = 60

# float() would also take "nan", "1_0" and the digits of other scripts.
NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?([eE]\+?[0-9]{1,2})?")
LEAP_SECOND = re.compile(r"^([0-9-]{8,10}[T ][0-9]{2}:?[0-9]{2}:?)60(?![0-9])")
# From the first number on in seconds, from the next in milliseconds, microseconds, nanoseconds. Seconds begin in March 1973,
# so that a day written as 20260302 is none; each unit ends where the next one would be in 1973.
UNITS = ((10**8, 1), (10**11, 10**3), (10**14, 10**6), (10**17, 10**9))
BEYOND = 10**20


def instant(text: str | None) -> datetime | None:
    """ISO 8601 text (UTC where it names no zone), or a number of seconds, milliseconds, microseconds or nanoseconds since 1970.

    None for what is neither, and for 1970 and before: programs write the first second of the year 1, or of 1970, for no time at all.
    """
    text = (text or "").strip()
    try:
        time = _since_1970(text) or _iso(text)
    except (ValueError, OverflowError, OSError):
        return None
    return time if time and time > EPOCH else None


def told(text: str | None) -> tuple[datetime | None, str | None]:
    """The time that a sender tells; a note where it tells something that is none."""
    time = instant(text)
    return time, None if time or not text else f"its time {_shown(text)} can't be one: the time of receipt counts"


def believed(time: datetime | None, received: datetime) -> tuple[datetime | None, str | None]:
    """The time if it can count: None for one that lies ahead, which would keep every later event from taking effect, and a note."""
    if time is None or time <= received + AHEAD:
        return time, None
    return None, f"its time {time.isoformat()} lies more than five minutes ahead: the time of receipt counts"


def _since_1970(text: str) -> datetime | None:
    number = float(text) if NUMBER.fullmatch(text) else 0.0
    unit = next((parts for first, parts in reversed(UNITS) if number >= first), None)
    return datetime.fromtimestamp(number / unit, UTC) if unit and number < BEYOND else None


def _iso(text: str) -> datetime | None:
    whole, leaps = LEAP_SECOND.subn(r"\g<1>59", text)
    time = datetime.fromisoformat(whole)
    if abs(time.utcoffset() or timedelta()) > FURTHEST_ZONE:
        return None
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC) + timedelta(seconds=leaps)


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
