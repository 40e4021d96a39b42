"""A booking that does not say when is delivered with the meeting that Calendly's API has, and waits for its link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.integration.delivery.played import played
from tests.integration.delivery.room import Room
from worker.connectors import calendly

CASES = Path(calendly.__file__).parent / "cases"


def case(name: str) -> Any:
    return json.loads((CASES / name / "request.json").read_text("utf-8"))


def test_a_meeting_is_read_and_a_conference_is_waited_for(room: Room) -> None:
    untold, link = case("read_booked_without_meeting"), case("read_link_of_conference")
    with played(room, calendly.connector, untold["settings"]) as meetings:
        meetings.run(meetings.take(untold["body"]))
        assert [each["location"] for each in meetings.records("appointments")] == ["Storgatan 1, Umeå"]

        meetings.neighbour.early(1, kind="meeting")
        (early,) = meetings.run(events := meetings.take(link["body"], age=1.0))
        assert (early.status, early.attempts) == ("pending", 0)
        assert (
            early.reason
            == "meeting ev-108 is not complete yet: calendly's API (meeting): its conference has no link yet"
        )
        room.come()
        meetings.run(events)
        assert meetings.records("appointments")[1]["location"].startswith("https://teams.microsoft.com/")
