"""What Aircall lists is told as its webhook would have told it, and lasts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import aircall
from worker.connectors.aircall import connector
from worker.connectors.aircall.calls import page, spoken
from worker.connectors.aircall.settings import Settings
from worker.connectors.aircall.source import over, seconds
from worker.sdk.connector import Incoming
from worker.sdk.request import Request

LISTED: dict[str, Any] = {
    "id": 4711001,
    "sid": "CA1",
    "status": "done",
    "direction": "inbound",
    "started_at": 1772439300,
    "answered_at": 1772439308,
    "ended_at": 1772439500,
    "duration": 200,
    "raw_digits": "+46 70 174 06 05",
}


def test_call_that_is_over_is_told_as_its_webhook_would() -> None:
    told = over(LISTED)
    assert told is not None
    rule = connector.handles[told.type]
    incoming = Incoming(Request(method="POST", url="/", headers=(), body=b""), told.payload)
    assert (rule.subject(incoming), rule.time(incoming)) == ("call:4711001", "1772439500")
    assert rule.schema().load(told.payload)["data"]["duration"] == 200


@pytest.mark.parametrize("unfinished", [{"status": "answered"}, {"ended_at": None}, {"status": None}])
def test_call_that_goes_on_is_not_told_yet(unfinished: dict[str, Any]) -> None:
    assert over({**LISTED, **unfinished}) is None


def test_moment_is_asked_for_in_seconds() -> None:
    assert seconds(datetime(2026, 3, 2, 8, 15, tzinfo=UTC)) == "1772439300"


@pytest.mark.parametrize(
    ("asset", "shown"),
    [
        ("https://assets.aircall.io/calls/1/recording", True),
        ("https://assets.aircall.io/" + "x" * 600, False),
        ("https://audio.example/short-lived.mp3", False),
        (None, False),
    ],
)
def test_only_a_page_that_lasts_is_linked(asset: str | None, shown: bool) -> None:  # noqa: FBT001 - a parameter
    assert (page(asset) == asset) is (shown or asset is None)


@pytest.mark.parametrize(("setting", "expected"), [("talked", 192), ("whole", 200)])
def test_ringing_counts_where_that_is_set(setting: Any, expected: int) -> None:
    said = aircall.Call().load(LISTED)
    assert spoken(said, Settings(owner="asa.oberg@example.com", duration=setting)) == expected
    assert spoken({**said, "answered_at": None}, Settings(owner="asa.oberg@example.com")) == 0
