"""The recipes' bodies, with the bytes and headers of the tool that sends them, come to the plan that they mean.

What is documented of the tools and what is assumed is told in docs/recipes.md.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.senders import KnownSecrets
from tests.unit.web.door import Committed, opened
from worker.connectors import generic
from worker.settings import Connection
from worker.store.events.arrival import NewEvent

SECRET = "4f9d0c3be1a7"
CONNECTION = Connection(
    name="flode", connector=generic.connector, settings=generic.connector.settings(), body_limit=10_000
)
PAGE = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text("utf-8")
ZAPIER, MAKE = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))

ZAPIER_HEADERS = {
    "User-Agent": "Zapier",
    "Content-Type": "application/json; charset=utf-8",
    "Accept": "application/json",
}
MAKE_HEADERS = {"User-Agent": "Make/production", "Content-Type": "application/json"}
N8N_HEADERS = {
    "User-Agent": "axios/1.8.3",
    "Content-Type": "application/json",
    "Accept": "application/json,text/*;q=0.99",
}


def sent(data: bytes, headers: dict[str, str]) -> tuple[TestResponse, list[NewEvent]]:
    committed = Committed()
    door = opened(committed, keys=KnownSecrets({"flode": (SECRET,)}), connections={"flode": CONNECTION})
    answer = door.post("/webhooks/flode", data=data, headers=headers | {"Authorization": f"Bearer {SECRET}"})
    return answer, [event for arrival in committed.arrivals for event in arrival.events]


def unflattened(fields: dict[str, str]) -> dict[str, Any]:
    """As Zapier makes groups of `data__client__name`."""
    found: dict[str, Any] = {}
    for key, value in fields.items():
        *groups, name = key.split("__")
        inner = found
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = value
    return found


def test_zapier_posts_texts_in_groups() -> None:
    fields = {
        "id": ZAPIER["id"],
        "type": "contact.upsert",
        "time": "2026-05-04T10:00:00+0200",
        "data__id": "4711",
        "data__name": "Ida Alm",
        "data__email": "ida.alm@bat.example",
        "data__active": "true",
        "data__client__name": "Hallonbåten AB",
    }
    answer, (event,) = sent(json.dumps(unflattened(fields)).encode(), ZAPIER_HEADERS)

    assert unflattened(fields) == ZAPIER, "the page shows what is sent"
    assert answer.status_code == 202
    assert (event.status, event.subject) == ("pending", "contact:4711")
    assert event.time == datetime(2026, 5, 4, 8, tzinfo=UTC)


def test_zapier_as_a_form_is_told_to_choose_json() -> None:
    answer, events = sent(
        b"id=1&type=contact.upsert&data__id=4711", {"Content-Type": "application/x-www-form-urlencoded"}
    )

    assert (answer.status_code, events) == (400, [])
    assert answer.json is not None
    assert "choose JSON" in answer.json["detail"]


def test_zapier_without_unflattening_is_told_what_it_meant() -> None:
    flat = {"id": "1", "type": "contact.upsert", "data__id": "4711"}
    answer, events = sent(json.dumps(flat).encode(), ZAPIER_HEADERS)

    assert (answer.status_code, events) == (422, [])
    assert answer.json is not None
    assert {error["pointer"]: error.get("meant") for error in answer.json["errors"]} == {
        "#/data": None,
        "#/data__id": "data.id",
    }


def test_make_posts_the_json_that_was_written() -> None:
    answer, (event,) = sent(json.dumps(MAKE, indent=2, ensure_ascii=False).encode(), MAKE_HEADERS)

    assert answer.status_code == 202
    assert (event.event_id, event.type, event.status) == ("deal-4711-3", "order.upsert", "pending")


def test_make_with_a_line_break_in_a_text_is_no_json() -> None:
    written = json.dumps(MAKE, ensure_ascii=False).replace("Sylt, 40 burkar", "Sylt,\n40 burkar")
    answer, events = sent(written.encode(), MAKE_HEADERS)

    assert (answer.status_code, events) == (400, [])


@pytest.mark.parametrize("together", [False, True])
def test_n8n_posts_what_the_expression_makes(together: bool) -> None:  # noqa: FBT001 - a column of the table
    made = {
        "id": "4711-2026-05-04T08:00:00.000Z",
        "type": "account.upsert",
        "time": "2026-05-04T08:00:00.000Z",
        "data": {"id": 4711, "name": "Hallonbåten AB", "noEmployees": 12},
    }
    body = [made, made | {"id": "4712"}] if together else made
    answer, events = sent(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(), N8N_HEADERS)

    assert answer.status_code == 202
    assert {(event.status, event.subject) for event in events} == {("pending", "account:4711")}


def test_n8n_with_fields_is_flat_and_told_so() -> None:
    flat = {"id": "1", "type": "account.upsert", "data": '{"id": 4711}'}
    answer, events = sent(json.dumps(flat).encode(), N8N_HEADERS)

    assert (answer.status_code, events) == (422, [])
    assert answer.json is not None
    assert [error["pointer"] for error in answer.json["errors"]] == ["#/data"]
