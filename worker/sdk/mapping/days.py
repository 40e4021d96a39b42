"""Says on which day something happened, where it happened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import ValidationError

from worker.sdk.settings import setting

HOME_ZONE = "Europe/Stockholm"


def day(time: datetime, zone: str = HOME_ZONE) -> date:
    """The day at the offset that a sender gives, else in the zone: UTC is nobody's place. A time without an offset is local."""
    if time.tzinfo is None or time.utcoffset():
        return time.date()
    try:
        return time.astimezone(ZoneInfo(zone)).date()
    except OverflowError:  # the last day of the year 9999
        return time.date()


def where_told(time: datetime, text: str | None) -> datetime:
    """An event's time at the offset in which the sender writes it, if it can be read."""
    try:
        told = datetime.fromisoformat(text or "")
    except ValueError:
        return time
    return time.astimezone(told.tzinfo) if told.tzinfo else time


def time_zone() -> Any:
    """The setting of a connection that says where its days are."""
    return setting(
        HOME_ZONE, doc="time zone of days whose sender names none, such as `Europe/London`", validate=known_zone
    )


def known_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError("Not a time zone such as Europe/Stockholm.") from None
