"""Senders of forms: what their lists say is what their webhooks say, and an id tells two forms apart."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from worker.connectors import elementor, gravity_forms, jotform, webflow
from worker.sdk.body.brackets import closed
from worker.sdk.connector import Connector
from worker.sdk.mapping.extract import place_of
from worker.sdk.read import occurred, parts, read
from worker.sdk.request import Request
from worker.sdk.source import Changes, Occurred

NOON = datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)


def changes(connector: Connector, kind: str) -> Changes:
    assert connector.source
    found = connector.source.kinds[kind].changes
    assert found
    return found


def listed(connector: Connector, kind: str, item: Any) -> tuple[str, str, datetime | None]:
    """Id, subject and time of the event that the item stands for."""
    found = changes(connector, kind).event(item)
    assert isinstance(found, Occurred)
    event = occurred(connector, "made up", found.type, found.payload)
    assert not event.problem
    (delivery,) = parts(connector, Request("READ", "", (), f"[{json.dumps(found.payload)}]".encode()))
    return connector.event_id(delivery) or "", event.subject, event.time


def test_a_submission_that_webflow_lists_is_that_of_its_webhook() -> None:
    item = {"id": "6321", "displayName": "Boka", "dateSubmitted": "2026-03-02T08:15:02.117Z", "formResponse": {}}
    posted = b'{"triggerType": "form_submission", "payload": {"id": "6321", "submittedAt": "2026-03-02T08:15:02.117Z"}}'
    (event,) = read(webflow.connector, Request("POST", "", (), posted))
    assert listed(webflow.connector, "submission", item) == (event.id, event.subject, event.time)


def test_an_entry_that_gravity_forms_lists_is_that_of_its_feed() -> None:
    item = {"id": "1207", "form_id": "4", "date_created": "2026-03-02 08:15:02"}
    assert listed(gravity_forms.connector, "entry", item) == (
        "entry:4:1207",
        "entry:4:1207",
        datetime(2026, 3, 2, 8, 15, 2, tzinfo=UTC),
    )


def test_a_submission_that_jotform_lists_is_of_the_zone_that_the_settings_name() -> None:
    item = {"id": "53", "form_id": "23", "created_at": "2026-03-02 03:15:02", "zone": "America/New_York"}
    assert listed(jotform.connector, "submission", item) == (
        "submission:53",
        "submission:53",
        datetime(2026, 3, 2, 8, 15, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize("item", [None, [], {}, {"id": None}, {"id": ""}])
@pytest.mark.parametrize(
    ("connector", "kind"),
    [(webflow.connector, "submission"), (gravity_forms.connector, "entry"), (jotform.connector, "submission")],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_what_is_no_submission_stands_for_nothing(connector: Connector, kind: str, item: Any) -> None:
    assert changes(connector, kind).event(item) is None


@pytest.mark.parametrize("zone", ["Nowhere/At all", None, ""])
def test_a_time_of_no_zone_is_none(zone: str | None) -> None:
    item = {"id": "53", "form_id": "23", "created_at": "2026-03-02 03:15:02", "zone": zone}
    assert listed(jotform.connector, "submission", item)[2] is None


def submitted(fields: dict[str, Any], received: datetime = NOON) -> str:
    body = urlencode(closed(fields, elementor.connector.bracketed)).encode()
    (event,) = read(elementor.connector, Request("POST", "", (), body, received=received))
    return event.id


def test_a_form_without_a_time_of_its_own_is_told_apart_by_the_minute() -> None:
    said = {"form_id": "7", "Namn": "Åsa"}
    later = NOON + timedelta(minutes=1)
    assert submitted(said) == submitted(said, NOON + timedelta(seconds=20))
    assert len({submitted(said), submitted(said, later), submitted({**said, "Namn": "Bo"})}) == 3


@pytest.mark.parametrize(
    "told",
    [
        {"form_id": "7", "Date": "2 mars 2026", "Time": "09:15"},
        {"form": {"id": "7"}, "meta": {"date": {"value": "2 mars 2026"}, "time": {"value": "09:15"}}},
    ],
)
def test_a_form_that_tells_its_time_is_the_same_whenever_it_comes(told: dict[str, Any]) -> None:
    assert submitted(told) == submitted(told, NOON + timedelta(hours=3))


def test_the_console_tells_what_an_id_is_made_of() -> None:
    body = urlencode({"form_id": "7", "Namn": "Åsa"}).encode()
    (delivery,) = parts(elementor.connector, Request("POST", "", (), body, received=NOON))
    shown = place_of(elementor.connector.event_id, delivery)
    assert shown == "form_id + digest of all that is said, the minute of receipt"
    assert place_of(elementor.connector.event_type, delivery) == '"form_submitted", for there is form_id'
