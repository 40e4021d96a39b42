"""Days are those of the place where something happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from worker.errors import ConfigError
from worker.sdk.connector import Event
from worker.sdk.mapping import day, follow_up, taken_in
from worker.sdk.mapping.days import time_zone, where_told
from worker.sdk.settings import load_settings

EVENING = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    time_zone: str = time_zone()


@pytest.mark.parametrize(
    ("time", "zone", "expected"),
    [
        (EVENING, "Europe/Stockholm", date(2026, 3, 3)),
        (EVENING, "America/New_York", date(2026, 3, 2)),
        (EVENING.replace(month=7, hour=22), "Europe/Stockholm", date(2026, 7, 3)),
        (EVENING.replace(month=7, hour=22), "Atlantic/Reykjavik", date(2026, 7, 2)),
        (EVENING.astimezone(timezone(timedelta(hours=-5))), "Europe/Stockholm", date(2026, 3, 2)),
        (EVENING.astimezone(timezone(timedelta(hours=9))), "Europe/Stockholm", date(2026, 3, 3)),
        (datetime(2026, 3, 2, 23, 30), "Asia/Tokyo", date(2026, 3, 2)),  # noqa: DTZ001 - as a shop writes its own time
        (datetime(9999, 12, 31, 23, 30, tzinfo=UTC), "Europe/Stockholm", date(9999, 12, 31)),
    ],
)
def test_day_is_that_of_the_offset_told_or_of_the_zone(time: datetime, zone: str, expected: date) -> None:
    assert day(time, zone) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-03T00:30:00+01:00", date(2026, 3, 3)),
        ("2026-03-02T18:30:00-05:00", date(2026, 3, 2)),
        ("2026-03-02T23:30:00Z", date(2026, 3, 3)),
        ("2026-03-02 23:30", date(2026, 3, 3)),
        ("i går", date(2026, 3, 3)),
        (None, date(2026, 3, 3)),
    ],
)
def test_the_offset_in_which_an_event_tells_its_time_counts(text: str | None, expected: date) -> None:
    assert day(where_told(EVENING, text)) == expected


def test_account_is_in_sweden_unless_it_says_otherwise() -> None:
    assert load_settings(Settings, {}, "[connections.x]").time_zone == "Europe/Stockholm"
    assert load_settings(Settings, {"time_zone": "Europe/London"}, "[connections.x]").time_zone == "Europe/London"


@pytest.mark.parametrize("zone", ["Europe", "Mars/Olympus", "../localtime", "/etc/localtime", "x" * 300, " "])
def test_zone_that_is_none_stops_the_start(zone: str) -> None:
    with pytest.raises(ConfigError, match="time_zone: Not a time zone such as Europe/Stockholm"):
        load_settings(Settings, {"time_zone": zone}, "[connections.x]")


@pytest.mark.parametrize(("zone", "expected"), [("Europe/Stockholm", date(2026, 3, 3)), ("UTC", date(2026, 3, 2))])
def test_follow_up_is_due_on_the_day_of_the_zone(zone: str, expected: date) -> None:
    event = Event(id="e", type="visit.booked", subject="visit:1", time=EVENING, payload={}, connection="besök")

    made = follow_up(event, "Visit booked", taken_in("Övriga"), owner="asa.oberg@example.com", time_zone=zone)

    assert made.on_create["date"] == expected
