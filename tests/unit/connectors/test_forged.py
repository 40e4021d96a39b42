"""Whoever can post what a sender does not prove gets no more written than what the sender's API says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.connectors.catalogue import CASES
from worker.connectors import oneflow
from worker.sdk.read import read
from worker.sdk.request import Request
from worker.sdk.route import plan_event


def oneflow_ids(**changed: Any) -> list[str]:
    told: dict[str, Any] = {
        "callback_id": "cb_1",
        "contract": {"id": 7},
        "events": [{"id": 1, "type": "contract:sign", "created_time": "2026-03-04T10:01:44+0000"}],
    }
    request = Request("POST", "https://x/webhooks/o", (), json.dumps({**told, **changed}).encode())
    return [event.id for event in read(oneflow.connector, request)]


def test_a_replayed_callback_uses_up_no_id_of_another() -> None:
    """Its signature covers the id of the callback alone, so its events may be called anything."""
    spoiled = oneflow_ids(events=[{"id": 1, "type": "comment:create"}])

    assert oneflow_ids() == oneflow_ids()
    assert not set(spoiled) & set(oneflow_ids(callback_id="cb_2"))


def mapped(name: str, case: str, **forged: str) -> str:
    """What a case comes to whose webhook says something else than the API that was read."""
    filed = next(each for each in CASES if each.connector.name == name and each.name == case)
    _, event = filed.events[0]
    forged_event = replace(event, payload={**event.payload, **forged})
    return repr(plan_event(filed.connector, filed.settings, forged_event))


def test_a_document_is_known_by_the_number_that_was_read() -> None:
    """Another spelling of the number, which the API takes too, would win the order of one document twice."""
    assert mapped("scrive", "sealed_order", document_id="0009100000000000000021") == mapped("scrive", "sealed_order")


def test_a_form_is_the_one_that_was_read() -> None:
    forged = mapped("jotform", "read_submission", formID="666", formTitle="Forged")

    assert "Forged" not in forged
    assert "666" not in forged
