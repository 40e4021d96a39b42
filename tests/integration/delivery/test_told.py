"""One line for each event at its end, a few for those that wait, and one trace from the request to the PUT."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.integration.delivery.room import NOON, Room, after_failures
from tests.unit.tracing.exported import Exported
from tests.unit.web.door import Clock
from web.app import create_app
from worker.delivery.claim_log import A_MINUTE, Telling
from worker.keys import Keys
from worker.logs.quiet import Quiet
from worker.runtime import Runtime
from worker.store.ledger import journal

LATER = NOON + timedelta(hours=1, seconds=90)
"""Ninety seconds after all events of a room are received."""
SECRET = "losenord-for-butiken"
PROXY = f"00-{'4b' * 16}-{'cd' * 8}-01"


@pytest.fixture
def told(room: Room) -> Room:
    """With a clock that stands still."""
    room.delivery = replace(
        room.delivery, telling=Telling(now=lambda: LATER, waits=Quiet(now=Clock(0.0), burst=A_MINUTE))
    )
    return room


def lines(logged: Sequence[Mapping[str, Any]], event: str) -> Sequence[Mapping[str, Any]]:
    return [line for line in logged if line["event"] == event]


def test_an_end_is_one_line(told: Room) -> None:
    event = told.company(1)

    with capture_logs() as logged:
        told.run(event)

    (line,) = lines(logged, "event ended")
    assert {name: line[name] for name in line.keys() - {"trace_id"}} == {
        "event": "event ended", "log_level": "info", "id": event, "connection": "butik", "type": "account.upsert",
        "fate": "delivered", "seconds": 90.0, "attempts": 1, "calls": len(told.calls(event)), "records": 1,
    }  # fmt: skip
    assert line["calls"] == 2


def test_those_that_are_folded_are_told_each_and_their_calls_once(told: Room) -> None:
    first, last = told.company(1, minute=0), told.company(1, minute=1, name="Åkeri Ett AB")

    with capture_logs() as logged:
        told.run(first)

    assert [(line["id"], line["fate"], line["calls"], line.get("together_with")) for line in lines(logged, "event ended")] == [
        (first, "superseded", 0, last),
        (last, "delivered", len(told.calls(last)), None),
    ]  # fmt: skip


def test_a_reason_is_a_code_and_quotes_nobody(told: Room) -> None:
    person = {
        "id": "P-1",
        "email": "asa.oberg@example.com",
        "firstName": "Åsa",
        "lastName": "Öberg",
        "client": {"id": "K-9"},
    }
    refused = told.take("butik", {"id": "e-1", "type": "contact.upsert", "data": person}).id
    ignored = told.told("x", {"ignore": "Åsa Öberg wants nothing"})
    raised = told.told("y", {"raise": "asa.oberg@example.com"})

    with capture_logs() as logged:
        for event in (refused, ignored, raised):
            told.run(event)

    ends = {line["id"]: (line["fate"], line["reason"]) for line in lines(logged, "event ended")}
    assert ends == {refused: ("dead", "unlinked"), ignored: ("ignored", "rule"), raised: ("dead", "mapping_error")}
    assert {each: told.event(each).reason_code for each in ends} == {each: code for each, (_, code) in ends.items()}
    text = json.dumps(logged, ensure_ascii=False, default=str)
    assert not [mark for mark in ("Åsa", "Öberg", "example.com", "P-1", "K-9", "e-1") if mark in text]


def test_what_is_put_off_says_why_until_when_and_how_often(told: Room) -> None:
    event = told.company(1)
    told.sandbox.fault(kind="html_502", method="GET", resource="accounts", count=1)

    with capture_logs() as logged:
        told.run(event)
        told.come()
        told.run(event)

    (line,) = lines(logged, "event put off")
    assert (line["reason"], line["status"], line["attempt"], line["until"], line["calls"], line["events"]) == (
        "unavailable", 502, 1, (LATER + timedelta(seconds=4)).isoformat(), 1, 1,
    )  # fmt: skip
    (end,) = lines(logged, "event ended")
    assert (end["fate"], end["attempts"], end["trace_id"]) == ("delivered", 2, line["trace_id"])


def test_a_full_window_is_told_a_few_times_a_minute(told: Room) -> None:
    """However many wait for it."""
    waiting = [told.company(number) for number in range(A_MINUTE + 10)]
    for number in range(5):
        told.sandbox.fault(kind="throttle", method="GET", count=100, resource="accounts", seconds=60 + number)

    with capture_logs() as logged:
        for event in waiting:
            told.run(event)

    assert len(lines(logged, "event put off")) == A_MINUTE
    assert {line["reason"] for line in lines(logged, "event put off")} == {"throttled"}


def test_nothing_is_told_that_was_not_committed(told: Room) -> None:
    event = told.company(1)

    def away(*_: object, **__: object) -> bool:
        raise OSError("the database went away")

    broken = after_failures(told.delivery, judge=away)
    told.sandbox.control("DELETE", "/keys/butik")
    with capture_logs() as logged:
        broken.run("butik", told.event(event).subject)

    assert lines(logged, "event put off") == []


def test_one_trace_from_the_request_to_the_call(room: Room) -> None:
    """Through the receiver, its database and its wake-up, a worker, and Upsales over HTTP. Nothing but the database tells the worker."""
    web, worker = Exported(), Exported()
    environ = {**room.environ, "RELAY_BUTIK_SECRET": SECRET}
    client = create_app(room.settings, Keys(environ, room.store), room.store, tracer=web.tracer).test_client()
    body = {"id": "e-1", "type": "account.upsert", "data": {"id": "K-1", "name": "Åkeri Öberg AB"}}
    headers = {"Authorization": f"Bearer {SECRET}", "traceparent": PROXY}
    answer = client.post("/webhooks/butik", json=body, headers=headers)
    assert answer.json is not None
    (event,) = answer.json["events"]
    runtime = Runtime(room.settings, room.environ, tracer=worker.tracer)

    runtime.jobs().deliver(event)

    runtime.close()
    assert room.fate(event) == ("delivered", None)
    assert {("receive", None), ("commit", "receive")} <= set(web.tree())
    assert worker.tree()[-1] == ("deliver", None)
    assert ("plan", "deliver") in worker.tree()
    assert ("POST accounts", "deliver") in worker.tree()
    spans = [*web.spans, *worker.spans]
    of_the_event = [span for span in spans if span.context and f"{span.context.trace_id:032x}" == "4b" * 16]
    assert len(of_the_event) == len(spans)
    with room.store.read() as conn:
        assert {call.trace_id for call in journal.listed(conn, event=event)} == {"4b" * 16}
    create = next(span for span in spans if span.name == "POST accounts")
    assert dict(create.attributes or {}) == {
        "http.request.method": "POST", "upsales.resource": "accounts", "http.response.status_code": 200,
    }  # fmt: skip
    told = web.text() + worker.text()
    marks = ("Öberg", "\\u00d6berg", SECRET, *room.environ.values(), "token=", "e-1", "K-1")
    assert not [mark for mark in marks if mark in told]
