"""Tells the day of a moment, as Upsales counts days."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

UPSALES = ZoneInfo("Europe/Stockholm")


def day_of(moment: datetime) -> date:
    """The day in Upsales's own zone: 23:30 UTC is the next day there."""
    return moment.astimezone(UPSALES).date()
