"""What LinkedIn's list of leads tells, which texts are read, and when its version is old."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.linkedin import Question
from worker.connectors.linkedin import connector
from worker.connectors.linkedin.settings import Settings
from worker.connectors.linkedin.source import SOURCE, form_id, in_milliseconds, told, version_ended
from worker.connectors.linkedin.versions import outdated
from worker.errors import ConfigError
from worker.sdk.connector import Incoming
from worker.sdk.request import Request
from worker.sdk.source import Answered, Occurred
from worker.sources import pages

LEAD = {
    "id": "aaaabbbb-5",
    "submittedAt": 1772439298123,
    "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)",
    "leadType": "SPONSORED",
    "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:522529623"},
}


def test_a_lead_of_a_list_is_the_event_that_its_notification_would_have_been() -> None:
    found = told(LEAD)

    assert isinstance(found, Occurred)
    incoming = Incoming(Request("READ", "", (), b""), found.payload, read={"lead": LEAD})
    rule = connector.handles[found.type]
    assert connector.event_type(incoming) == found.type
    assert rule.subject(incoming) == "lead:aaaabbbb-5"
    assert rule.time(incoming) == "1772439298123"
    assert [get.id(incoming) for get in rule.fetch] == ["aaaabbbb-5", "3162"]
    assert connector.tenant is not None
    assert connector.tenant(incoming) == "urn:li:sponsoredAccount:522529623"


@pytest.mark.parametrize("lead", [None, [], {}, {"id": 7}])
def test_what_is_no_lead_concerns_nobody(lead: Any) -> None:
    assert told(lead) is None


def test_the_list_is_asked_for_as_the_api_writes_it() -> None:
    changes = SOURCE.kinds["lead"].changes
    assert changes is not None
    settings = Settings(owner="asa@example.com", account="urn:li:organization:5509810", lead_type="COMPANY")

    path = pages.path(changes, settings, datetime(2026, 3, 2, 8, 14, 58, tzinfo=UTC), None)

    assert "owner=(organization:urn%3Ali%3Aorganization%3A5509810)&leadType=(leadType:COMPANY)" in path
    assert "submittedAtTimeRange=(start:1772439298000,end:4102444800000)" in path


def test_a_list_without_an_account_says_which_setting_is_missing() -> None:
    with pytest.raises(ConfigError, match="without the setting account,"):
        _ = Settings(owner="asa@example.com").account_kind


def test_moments_are_written_in_milliseconds() -> None:
    assert in_milliseconds(datetime(2026, 3, 2, 8, 14, 58, 123_000, tzinfo=UTC)) == "1772439298123"


@pytest.mark.parametrize(
    ("urn", "found"),
    [
        ("urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)", "3162"),
        ("urn:li:leadGenForm:3162", "3162"),
        ("urn:li:organization:1", None),
        (None, None),
    ],
)
def test_the_form_is_in_its_urn(urn: str | None, found: str | None) -> None:
    assert form_id(urn) == found


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ({"localized": {"sv_SE": " Företag "}}, "Företag"),
        ({"localized": {"sv_SE": "", "en_US": "Company"}}, "Company"),
        ("Företag", "Företag"),
        ({"localized": []}, None),
        ({}, None),
        (7, None),
        (None, None),
    ],
)
def test_a_text_is_read_in_the_language_that_it_has(question: Any, text: str | None) -> None:
    assert Question().load({"question": question})["question"] == text


def test_a_version_that_has_ended_is_no_matter_of_the_lead() -> None:
    verdict = version_ended(Answered(status=426, headers={}, json={"code": "NONEXISTENT_VERSION"}))
    assert verdict is not None
    assert (verdict.what, "api_version" in verdict.why) == ("forbidden", True)
    assert version_ended(Answered(status=200, headers={}, json={})) is None


@pytest.mark.parametrize(
    ("version", "old"), [("202612", False), ("202703", False), ("202603", False), ("202602", True), ("202511", True)]
)
def test_a_version_is_old_two_months_before_it_ends(version: str, *, old: bool) -> None:
    settings = Settings(owner="asa@example.com", api_version=version)
    assert bool(outdated(settings, date(2026, 12, 1))) is old
