"""Says when a record was made and changed last, and whether by us or by whom in Upsales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from worker.admin.shapes import shape
from worker.store.ledger.touched import Touch, Touched

OURS: Final = timedelta(minutes=1)
"""Upsales's clock and ours may differ: what it says to have changed so soon after our call was changed by it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """`by`: who in Upsales, where that is known and it was not us. `connection`, `event`: of our call."""

    at: datetime | None
    by: str | None = None
    connection: str | None = None
    event: str | None = None


def made(ours: Touched, data: Mapping[str, Any] | None, *, masked: bool) -> Origin | None:
    if ours.made is not None:
        return _by_us(ours.made)
    return None if data is None else _told(data, "regDate", "regBy", masked=masked)


def changed(ours: Touched, data: Mapping[str, Any] | None, *, masked: bool) -> Origin | None:
    """By us, unless Upsales tells of a later change."""
    last = max((each for each in (ours.made, ours.changed) if each is not None), key=lambda each: each.at, default=None)
    told = None if data is None else _told(data, "modDate", "modBy", masked=masked)
    if last is None or (told is not None and told.at is not None and told.at > last.at + OURS):
        return told
    return _by_us(last)


def _by_us(touch: Touch) -> Origin:
    return Origin(touch.at, None, touch.connection, touch.event)


def _told(data: Mapping[str, Any], when: str, who: str, *, masked: bool) -> Origin | None:
    at, by = _moment(data.get(when)), data.get(who)
    name = by.get("name") or by.get("id") if isinstance(by, Mapping) else by
    if at is None and name is None:
        return None
    return Origin(at, shape(name) if masked and isinstance(name, str) else None if name is None else str(name))


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
