"""What is wrong with an event in the relay's own format is told field by field, with what was meant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from worker.connectors import all_connectors
from worker.connectors.generic import connector
from worker.devkit.cases import written
from worker.sdk.contents import MOST_FAULTS, MOST_VALUES, Fault, faults, passed_over
from worker.sdk.read import read
from worker.sdk.request import Request

STRICT = connector.settings()
LENIENT = connector.settings(answer="accept")
WHEN = "2026-05-04T10:00:00+02:00"


def event(event_type: str = "account.upsert", /, **fields: Any) -> dict[str, Any]:
    return {"id": "h-1", "type": event_type, "time": WHEN, "data": {"id": "X-1", **fields}}


def asked(body: Any) -> Request:
    return Request("POST", "https://relay.example/webhooks/generic", (), json.dumps(body).encode())


def told(body: Any, settings: Any = STRICT) -> dict[str, str | None]:
    return {fault.pointer: fault.meant for fault in faults(connector, settings, read(connector, asked(body)))}


def without(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param(event(name="Hallonbåten AB"), {}, id="nothing"),
        pytest.param({"type": "ping"}, {}, id="a ping says no more than that"),
        pytest.param({"type": "test.hello", "anything": 1}, {}, id="nor does a test"),
        pytest.param(without("id", event()), {"/id": None}, id="no id"),
        pytest.param(without("type", event()), {"/type": None}, id="no type"),
        pytest.param(without("data", event()), {"/data": None}, id="no data"),
        pytest.param({}, {"/type": None, "/id": None}, id="nothing said"),
        pytest.param(event("acount.upsert"), {"/type": "account.upsert"}, id="a type that is written wrong"),
        pytest.param(event() | {"time": "04/05/2026 10:00"}, {"/time": None}, id="a time that is none"),
        pytest.param(event() | {"time": "igår"}, {"/time": None}, id="a word for a time"),
        pytest.param(event() | {"time": None}, {}, id="no time is no wrong time"),
        pytest.param(without("time", event()) | {"timestamp": WHEN}, {"/timestamp": "time"}, id="another's word"),
        pytest.param(event() | {"name": "Hallonbåten AB"}, {"/name": "data.name"}, id="beside data"),
        pytest.param(event(orgno="599999-0103"), {"/data/orgno": "orgNo"}, id="another case"),
        pytest.param(event(org_no="599999-0103"), {"/data/org_no": "orgNo"}, id="with underscores"),
        pytest.param(event(nmae="Hallonbåten AB"), {"/data/nmae": "name"}, id="letters in another order"),
        pytest.param(event(on_create={"webpge": "x"}), {"/data/on_create/webpge": "webpage"}, id="in a group"),
        pytest.param(
            event("order.upsert", client_name="x"), {"/data/client_name": "client.name"}, id="a group's field"
        ),
        pytest.param(
            event("order.upsert", contactEmail="x"), {"/data/contactEmail": "contact.email"}, id="and another"
        ),
        pytest.param(event(xyzzy=1), {"/data/xyzzy": None}, id="like nothing"),
        pytest.param(event(**{"a/b~c": 1}), {"/data/a~1b~0c": None}, id="a name that a pointer escapes"),
        pytest.param(
            event("contact.upsert", givenName="Bo", sur_name="Ek", mobile="0701740606", e_mail="bo@bat.example"),
            {
                "/data/givenName": "firstName",
                "/data/sur_name": "lastName",
                "/data/mobile": "cellPhone",
                "/data/e_mail": "email",
            },
            id="a person's fields by others' names",
        ),
        pytest.param(
            event("order.upsert", rows=[{"id": 1, "articleNo": "A", "quantity": "1,250", "price": "1", "sku": "A"}]),
            {"/data/rows/0/quantity": None, "/data/rows/0/sku": "articleNo"},
            id="in a row",
        ),
        pytest.param(event(custom={"PLAN": {"x": 1}}), {"/data/custom/PLAN": None}, id="a custom field"),
        pytest.param(event("order.upsert", client={"phone": "08-1"}), {"/data/client": None}, id="one of several"),
        pytest.param([event(), event() | {"id": "h-2"}], {}, id="two events"),
        pytest.param(
            [event(), without("id", event(nmae="x"))], {"/1/id": None, "/1/data/nmae": "name"}, id="the second"
        ),
        pytest.param([event(), event()], {"/0/id": None, "/1/id": None}, id="one id for two events"),
        pytest.param([without("id", event())], {"/0/id": None}, id="an array of one"),
        pytest.param([], {}, id="no event"),
        pytest.param([1, "x", None], {"/0": None, "/1": None, "/2": None}, id="no events at all"),
        pytest.param("hej", {"": None}, id="a word"),
    ],
)
def test_each_fault_has_its_place_and_what_was_meant(body: Any, found: dict[str, str | None]) -> None:
    assert told(body) == found


def test_nothing_is_refused_where_all_is_accepted() -> None:
    assert told(without("id", event(nmae="x")), LENIENT) == {}


def test_a_sender_with_a_format_of_its_own_is_never_told() -> None:
    for each in all_connectors():
        if each.own_format is None:
            request = Request("POST", f"https://relay.example/webhooks/{each.name}", (), written(each, {"a": "b"}))
            assert not faults(each, None, read(each, request)), each.name


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (event(name="Hallonbåten AB"), None),
        ({"type": "ping", "hello": 1}, None),
        (event("no.such"), None),
        (
            event(orgno="1", phnoe="2"),
            "passed over: data.orgno (did you mean orgNo?), data.phnoe (did you mean phone?)",
        ),
    ],
)
def test_what_says_nothing_to_the_relay_is_named(body: Any, note: str | None) -> None:
    (reading,) = read(connector, asked(body))

    assert passed_over(connector, LENIENT, reading) == note
    assert passed_over(connector, STRICT, reading) is None, "it is refused"


def test_details_name_fields_and_never_values() -> None:
    found = faults(connector, STRICT, read(connector, asked(event(email="hemlig@bat.example", noEmployees="hemligt"))))

    assert found
    assert "hemlig" not in repr([Fault(each.pointer, each.detail, each.meant) for each in found])


def test_a_message_with_one_id_for_several_events_has_each_tell_its_own() -> None:
    body = [without("id", event()), event() | {"id": "h-2"}]
    request = Request(
        "POST", "https://relay.example/webhooks/generic", (("webhook-id", "msg_1"),), json.dumps(body).encode()
    )

    assert [fault.pointer for fault in faults(connector, STRICT, read(connector, request))] == ["/0/id"]


def test_so_many_events_that_their_sender_would_wait_are_to_be_sent_in_parts() -> None:
    many = [event() | {"id": f"h-{number}"} for number in range(101)]

    assert told(many[1:]) == {}
    assert told(many) == {"": None}


def test_a_flood_of_faults_is_not_looked_through_to_its_end() -> None:
    assert len(told(event(**{f"felt{number}": number for number in range(MOST_FAULTS * 2)}))) == MOST_FAULTS


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({f"felt{number}": number for number in range(MOST_VALUES)}, id="fields"),
        pytest.param({"addresses": [{}] * MOST_VALUES}, id="addresses"),
        pytest.param({"addresses": [{"type": number} for number in range(MOST_VALUES // 2)]}, id="what addresses hold"),
        pytest.param({"custom": {f"FALT{number}": number for number in range(MOST_VALUES)}}, id="custom fields"),
    ],
)
@pytest.mark.parametrize("settings", [STRICT, LENIENT], ids=["strict", "accept"])
def test_an_event_of_many_thousand_values_is_refused_unseen(fields: dict[str, Any], settings: Any) -> None:
    assert told([event(), event(**fields)], settings) == {"/1": None}


def test_the_largest_order_that_is_one_is_looked_into() -> None:
    rows = [{"id": number, "articleNo": "SYLT", "quantity": 1, "price": 49} for number in range(900)]

    assert told(event("order.upsert", rows=rows)) == {}


def test_a_name_as_long_as_a_letter_is_like_none() -> None:
    assert told(event(**{"name" * 1000: "x"})) == {f"/data/{'name' * 1000}": None}
