"""Converts dates as Upsales does: days, UTC instants, closing days in Stockholm."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def parse(text: object, zone: tzinfo = UTC) -> datetime | None:
    """Read ISO 8601; what names no offset is read in `zone`. None for what is no date."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def wire(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def at(epoch: float) -> str:
    return wire(datetime.fromtimestamp(epoch, UTC))


def day(text: object) -> str | None:
    moment = parse(text)
    return moment.date().isoformat() if moment else None


def midnight(text: object) -> str | None:
    """Give a day as midnight UTC, as campaigns and agreements have it."""
    only = day(text)
    return f"{only}T00:00:00.000Z" if only else None


def instant(text: object) -> str | None:
    moment = parse(text)
    return wire(moment) if moment else None


def closing(text: object) -> str | None:
    moment = parse(text, STOCKHOLM)
    return wire(moment) if moment else None


def today(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, STOCKHOLM).date().isoformat()
