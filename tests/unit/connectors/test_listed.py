"""What an item in a list of Teamtailor or Zendesk stands for, and what their answers mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.connectors.teamtailor import source as teamtailor
from worker.connectors.zendesk import source as zendesk
from worker.sdk.source import Answered, Occurred, Verdict


def test_a_job_of_the_list_is_told_as_a_webhook_tells_it() -> None:
    job = {"id": "7", "type": "jobs", "attributes": {"updated-at": "2026-03-02T09:15:00+01:00"}}
    told = teamtailor.listed("job.update")(job)
    assert told == Occurred("job.update", {"payload": {"event_name": "job.update", "data": job}})


@pytest.mark.parametrize(
    ("status", "reset", "seconds"),
    [(429, "7", 7.0), (429, "1772439300", None), (429, "", None), (429, "-1", None), (200, "7", None)],
)
def test_teamtailor_says_in_a_header_of_its_own_when_to_come_again(
    status: int, reset: str, seconds: float | None
) -> None:
    """A number that is a moment, and no number of seconds, says nothing."""
    found = teamtailor.throttled(Answered(status=status, headers={"x-rate-limit-reset": reset}, json=None))
    assert found == (None if seconds is None else Verdict("throttled", "answered 429", seconds=seconds))


@pytest.mark.parametrize(("status", "event"), [("open", "ticket.status_changed"), ("deleted", "ticket.soft_deleted")])
def test_a_ticket_of_the_list_is_told_as_an_event_and_one_that_was_deleted_as_that(status: str, event: str) -> None:
    ticket = {"id": 35436, "status": status, "updated_at": "2026-03-02T08:15:00Z"}
    told = zendesk.changed(ticket)
    assert told is not None
    assert told.type == event
    assert told.payload == {
        "type": f"zen:event-type:{event}",
        "subject": "zen:ticket:35436",
        "time": "2026-03-02T08:15:00Z",
        "detail": ticket,
    }


@pytest.mark.parametrize("junk", [None, [], "7", {}, {"status": "open"}])
def test_what_is_no_item_stands_for_nothing(junk: Any) -> None:
    assert teamtailor.listed("job.update")(junk) is None
    assert zendesk.changed(junk) is None


def test_zendesk_is_asked_in_whole_seconds() -> None:
    assert zendesk.in_seconds(datetime(2026, 3, 2, 8, 15, 0, 999_999, tzinfo=UTC)) == "1772439300"
