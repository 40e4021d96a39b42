"""Converts values for fields of a day or a time of day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from schemas.upsales.fields import day_problem
from worker.plan import Value
from worker.sync.compare import STOCKHOLM
from worker.sync.records import EPOCH
from worker.sync.typed.field import Converted, CustomField, Fit, Misfit, plain

LATEST_SECONDS = 4_200_000_000
"""In the year 2103. A larger number counts milliseconds."""

COUNT = re.compile(r"-?\d{9,15}")
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)([:.][0-5]\d(\.\d+)?)?")


def day(_: CustomField, value: Value) -> Converted:
    moment = _moment(value)
    text = "" if moment is None else f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
    return Misfit(plain(value), "a date field") if day_problem(text) else Fit(text)


def time(_: CustomField, value: Value) -> Converted:
    if clock := CLOCK.fullmatch(plain(value)):
        return Fit(f"{int(clock[1]):02}:{clock[2]}")
    moment = _moment(value)
    if isinstance(moment, datetime):
        return Fit(f"{moment.hour:02}:{moment.minute:02}")
    return Misfit(plain(value), "a field for a time, hh:mm")


def _moment(value: Value) -> date | None:
    """A day, or an instant as the clocks in Stockholm show it."""
    try:
        return _local(value if isinstance(value, date) else _read(plain(value)))
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> date:
    """ISO 8601, or seconds or milliseconds since the epoch."""
    if COUNT.fullmatch(text):
        return _since_epoch(int(text))
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def _since_epoch(count: int) -> datetime:
    if abs(count) < LATEST_SECONDS:
        return EPOCH + timedelta(seconds=count)
    return EPOCH + timedelta(milliseconds=count)


def _local(moment: date) -> date:
    return moment.astimezone(STOCKHOLM) if isinstance(moment, datetime) and moment.tzinfo else moment
