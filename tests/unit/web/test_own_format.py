"""Who sends events in the relay's own format is told at the door what is wrong with them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.senders import ACME, KnownSecrets, deal, signed
from tests.senders import CONNECTIONS as SENDERS
from tests.unit.web.door import Committed, opened
from worker.connectors import generic
from worker.settings import Connection

TIME_WANTED = "Not a time with its zone, such as 2026-03-02T09:15:00+01:00."
SECRET = "inget-att-visa-0123456789"
KEYS = KnownSecrets(dict.fromkeys(("kassan", "kassan-slapp"), (SECRET,)))
CONNECTIONS = {
    name: Connection(
        name=name, connector=generic.connector, settings=generic.connector.settings(answer=answer), body_limit=10_000
    )
    for name, answer in (("kassan", "strict"), ("kassan-slapp", "accept"))
}
GOOD = {"id": "h-1", "type": "account.upsert", "data": {"id": "X-1", "name": "Hallonbåten AB"}}
SLIP = {"id": "h-2", "type": "contact.upsert", "data": {"id": "P-1", "firstname": "Bo", "email": "bo@bat.example"}}


def sent(body: Any, *, to: str = "kassan", query: str = "") -> tuple[TestResponse, Committed]:
    committed = Committed()
    door = opened(committed, keys=KEYS, connections=CONNECTIONS)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = door.post(f"/webhooks/{to}{query}", data=data, headers={"Authorization": f"bearer {SECRET}"})
    return answer, committed


def test_a_slip_is_answered_with_its_place_and_what_was_meant() -> None:
    answer, committed = sent(SLIP)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["errors"] == [
        {
            "pointer": "#/data/firstname",
            "detail": "There is no such field; did you mean firstName?",
            "meant": "firstName",
        }
    ]
    assert answer.json["detail"].startswith("Nothing was stored. data.firstname: There is no such field")
    assert committed.arrivals == []


def test_of_several_events_all_are_stored_or_none() -> None:
    both, stored = sent([GOOD, GOOD | {"id": "h-3"}])
    neither, nothing = sent([GOOD, SLIP])

    assert both.status_code == 202
    assert [event.event_id for event in stored.arrivals[0].events] == ["h-1", "h-3"]
    assert neither.status_code == 422
    assert neither.json is not None
    assert [error["pointer"] for error in neither.json["errors"]] == ["#/1/data/firstname"]
    assert nothing.arrivals == []


@pytest.mark.parametrize("body", [{"type": "ping"}, {"type": "test.hej", "vem": "Åsa"}])
def test_a_ping_needs_no_id(body: Any) -> None:
    answer, committed = sent(body)

    (event,) = committed.arrivals[0].events
    assert answer.status_code == 202
    assert (event.status, (event.reason or "")[:7]) == ("ignored", "ignores")


@pytest.mark.parametrize(
    ("body", "status", "reason", "note"),
    [
        (SLIP, "pending", None, "passed over: data.firstname (did you mean firstName?)"),
        (
            GOOD | {"type": "order.upsrt"},
            "dead",
            "generic: there is no event type 'order.upsrt'; did you mean order.upsert?",
            None,
        ),
        ({"type": "account.upsert", "data": {"id": "X"}}, "dead", "generic: the request names no event id", None),
        (GOOD | {"time": "igår"}, "pending", None, "its time 'igår' can't be one: the time of receipt counts"),
    ],
)
def test_what_is_accepted_says_what_was_wrong(body: Any, status: str, reason: str | None, note: str | None) -> None:
    answer, committed = sent(body, to="kassan-slapp")

    (event,) = committed.arrivals[0].events
    assert answer.status_code == 202
    assert (event.status, event.reason, event.note) == (status, reason, note)


def test_a_flood_of_faults_is_cut() -> None:
    answer, _ = sent(GOOD | {"data": {"id": "X", **{f"felt{number}": 1 for number in range(80)}}})

    assert answer.json is not None
    assert len(answer.json["errors"]) == 50
    assert "And 77 more." in answer.json["detail"]


def test_answers_hold_no_value_that_was_sent() -> None:
    answer, _ = sent(GOOD | {"time": "hemlig tid", "data": {"id": "X", "active": "hemlig", "user": "hemlig"}})

    assert answer.status_code == 422
    assert "hemlig" not in answer.text


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        (f"?token={SECRET}", {}),
        ("", {"X-Api-Key": SECRET}),
        ("", {"Authorization": "Basic aGVtbGlndDpoZW1saWd0"}),
        ("", {"Authorization": "Bearer fel"}),
        ("", {}),
    ],
)
def test_a_wrong_kind_of_proof_is_told_which_one_is_wanted(query: str, headers: dict[str, str]) -> None:
    answer = opened(keys=KEYS, connections=CONNECTIONS).post(f"/webhooks/kassan{query}", data=b"{}", headers=headers)

    assert answer.status_code == 401
    assert answer.json is not None
    assert "Authorization: Bearer <secret>" in answer.json["detail"]
    assert SECRET not in answer.text


def test_a_scheme_that_does_not_tell_is_refused_as_well() -> None:
    class Mute:
        needs_secret = False

        def verify(self, *_: object) -> None:
            return None

        def sign(self, *_: object) -> Any:
            raise NotImplementedError

    connection = replace(SENDERS["acme"], connector=replace(ACME, signature=Mute()))
    answer = opened(connections={"acme": connection}).post("/webhooks/acme", data=b"{}")

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["detail"] == "It is not signed with this connection's secret."


@pytest.mark.parametrize(
    "query", ["?dry-run=1", "?dry-run", "?dry-run=true", "?a=b&dry-run=ja", "?dryrun=1", "?dry_run=1", "?DryRun=1"]
)
def test_a_dry_run_stores_nothing(query: str) -> None:
    answer, committed = sent(GOOD, query=query)

    assert answer.status_code == 200
    assert answer.json == {"status": "dry-run", "events": [{"id": "h-1"}]}
    assert committed.arrivals == []


def test_a_dry_run_takes_as_many_events_as_can_be_told_at_once() -> None:
    events = [{"id": f"h-{number}", "type": "ping"} for number in range(101)]

    answer, committed = sent(events, to="kassan-slapp", query="?dry-run=1")

    assert answer.status_code == 422
    assert "101 events, and a dry run takes 100 at the most" in answer.text
    assert not committed.arrivals


@pytest.mark.parametrize("query", ["?dry-run=0", "?dry_run=false", "?run=1", "?"])
def test_without_a_dry_run_it_is_stored(query: str) -> None:
    answer, committed = sent(GOOD, query=query)

    assert answer.status_code == 202
    assert len(committed.arrivals) == 1


def test_a_dry_run_needs_the_secret_and_tells_what_is_wrong() -> None:
    stranger = opened(keys=KEYS, connections=CONNECTIONS).post("/webhooks/kassan?dry-run=1", json=GOOD)
    slip, _ = sent(SLIP, query="?dry-run=1")

    assert stranger.status_code == 401
    assert slip.status_code == 422


def test_every_sender_can_be_tried() -> None:
    committed = Committed()
    answer = opened(committed).post("/webhooks/acme?dry-run=1", data=deal(), headers=signed(deal()))

    assert answer.status_code == 200
    assert committed.arrivals == []


@pytest.mark.parametrize("to", ["kassan", "kassan-slapp"])
def test_a_null_that_empties_nothing_is_named_on_the_event(to: str) -> None:
    answer, committed = sent(GOOD | {"data": {"id": "X", "name": None, "phone": None, "set": {"users": None}}}, to=to)

    assert answer.status_code == 202
    assert committed.arrivals[0].events[0].note == "can't be emptied: data.name, data.set.users"


@pytest.mark.parametrize("data", [None, 1, "x", [], {}, {"set": 1}, {"id": "X", "set": [None]}])
def test_what_is_accepted_may_be_anything(data: Any) -> None:
    answer, _ = sent(GOOD | {"data": data}, to="kassan-slapp")

    assert answer.status_code == 202


@pytest.mark.parametrize("time", [1774744200, 1774744200.25, "1774744200", "2026-03-29T02:30:00+02:00"])
def test_a_time_may_be_a_number_of_seconds(time: Any) -> None:
    answer, committed = sent(GOOD | {"time": time})

    assert answer.status_code == 202
    (event,) = committed.arrivals[0].events
    assert event.time is not None
    assert event.time.replace(microsecond=0) == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("time", [True, ["2026"], {"at": 1}])
def test_a_time_that_is_neither_text_nor_number_is_refused(time: Any) -> None:
    assert sent(GOOD | {"time": time})[0].status_code == 422


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("order.upsert", {"client": "Kupan AB"}, 'Not an object, such as {"name": "Kupan AB"}.'),
        ("order.upsert", {"contact": "ida@kupa.example"}, 'Not an object, such as {"email": "ida@kupa.example"}.'),
        ("order.upsert", {"date": "2026-10-25T23:30:00Z"}, "Not a day, such as 2026-03-02."),
        ("activity.upsert", {"closeDate": "i dag"}, "Not a day, such as 2026-03-02."),
        ("appointment.upsert", {"date": "2026-09-14 10:00"}, TIME_WANTED),
        ("appointment.upsert", {"contacts": {"email": "ida@kupa.example"}}, "Not a list: put it in [ ]."),
        ("order.upsert", {"rows": "två"}, "Not a list: put it in [ ]."),
        ("order.upsert", {"rows": ["två"]}, "Not an object, { }."),
        ("account.upsert", {"custom": [{"fieldId": 1}]}, 'Not an object, such as {"ALIAS": "value"}.'),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_what_is_wanted(kind: str, data: dict[str, Any], told: str) -> None:
    answer, _ = sent({"id": "h-9", "type": kind, "data": {"id": "X-1", **data}})

    assert answer.json is not None
    assert [error["detail"] for error in answer.json["errors"]] == [told]


def test_each_thing_that_is_wrong_is_a_sentence_of_its_own() -> None:
    answer, _ = sent({"id": "h-9", "type": "contact.upsert", "data": {"id": "X-1", "qqqq": 1, "zzzz": 2}})

    assert answer.json is not None
    assert all(error["detail"].endswith(".") for error in answer.json["errors"])
