"""What an error of the Graph API means, what its list of leads tells, and when its version is old."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from worker.connectors.meta_lead_ads import connector
from worker.connectors.meta_lead_ads.errors import of_a_form, of_a_lead, of_a_page
from worker.connectors.meta_lead_ads.settings import Settings
from worker.connectors.meta_lead_ads.source import in_seconds, told
from worker.connectors.meta_lead_ads.versions import outdated
from worker.sdk.connector import Incoming
from worker.sdk.request import Request
from worker.sdk.source import Answered, Occurred


def answered(**error: Any) -> Answered:
    return Answered(status=400, headers={}, json={"error": error})


GONE = {"code": 100, "error_subcode": 33, "message": "Unsupported get request."}


@pytest.mark.parametrize(
    ("error", "page", "lead", "form"),
    [
        (GONE, "forbidden", "never", "gone"),
        ({"code": 803}, "forbidden", "never", "gone"),
        ({"code": 803, "error_subcode": 1}, "forbidden", "never", "gone"),
        ({"code": 100, "message": "Invalid parameter"}, None, None, "gone"),
        ({"code": 190}, "forbidden", "forbidden", "gone"),
        ({"code": 200}, "forbidden", "forbidden", "gone"),
        ({"code": 100, "message": "CRM access has been revoked from Lead Access Manager"}, "forbidden", "forbidden", "gone"),
        ({"code": 4}, "throttled", "throttled", "throttled"),
        ({"code": 80005}, "throttled", "throttled", "throttled"),
        ({"code": 2}, "unavailable", "unavailable", "unavailable"),
        ({"code": 9, "is_transient": True}, "unavailable", "unavailable", "unavailable"),
        ({"code": []}, None, None, "gone"),
    ],
)  # fmt: skip
def test_an_error_says_whose_matter_it_is(
    error: dict[str, Any], page: str | None, lead: str | None, form: str | None
) -> None:
    said = [means(answered(**error)) for means in (of_a_page, of_a_lead, of_a_form)]
    assert [verdict and verdict.what for verdict in said] == [page, lead, form]


@pytest.mark.parametrize("json", [None, [], {}, {"error": "sträng"}, {"id": "1"}])
def test_what_is_no_error_is_left_to_the_status(json: Any) -> None:
    assert [each(Answered(status=200, headers={}, json=json)) for each in (of_a_page, of_a_lead, of_a_form)] == [
        None
    ] * 3


def test_a_lead_of_a_list_is_the_event_that_its_webhook_would_have_been() -> None:
    found = told({"id": "62", "created_time": "2026-03-02T08:14:58+0000", "listed_form": "88"})

    assert isinstance(found, Occurred)
    incoming = Incoming(Request("READ", "", (), b""), found.payload)
    rule = connector.handles[found.type]
    assert connector.event_id(incoming) == "leadgen:62"
    assert rule.subject(incoming) == "lead:62"
    assert rule.time(incoming) == "2026-03-02T08:14:58+0000"
    assert found.payload["entry"]["changes"]["value"]["form_id"] == "88"


def test_the_list_is_asked_for_by_seconds() -> None:
    assert in_seconds(datetime(2026, 3, 2, 8, 14, 58, tzinfo=UTC)) == "1772439298"


@pytest.mark.parametrize(
    ("version", "today", "old"),
    [
        ("v26.0", date(2026, 12, 1), False),
        ("v22.0", date(2026, 6, 30), False),
        ("v22.0", date(2026, 8, 1), True),
        ("v24.0", date(2026, 12, 1), False),
        ("v99.0", date(2026, 12, 1), False),
    ],
)
def test_a_version_is_old_when_meta_begins_to_warn_of_it(version: str, today: date, *, old: bool) -> None:
    settings = Settings(owner="asa@example.com", graph_version=version)
    assert bool(outdated(settings, today)) is old


def test_names_of_ads_are_read_unless_the_token_may_not() -> None:
    assert "campaign_name" in Settings(owner="asa@example.com").lead_fields
    assert "_name" not in Settings(owner="asa@example.com", ad_names=False).lead_fields
