"""From a request to its events, whatever comes in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import fields

from schemas.wire import Payload, Text
from worker.errors import Rejected
from worker.plan import Ignored, Key, Plan, Upsert, bounded
from worker.sdk.connector import Connector, Event, Handles, Incoming, each
from worker.sdk.mapping import constant, digest_of, field, first_of, header, joined, last_part
from worker.sdk.masked import masked
from worker.sdk.read import MOST_EVENTS, BadBody, parts, read
from worker.sdk.request import Request
from worker.sdk.route import NO_RULE, plan_event, rule_for
from worker.sdk.signatures import UrlToken

PLAN: Plan = (Upsert(key=Key("comment", "å")),)


class Said(Payload):
    class Whom(Payload):
        email = fields.Email()

    id = Text(required=True)
    customer = fields.Nested(Whom)


ACME = Connector(
    name="acme",
    title="Acme",
    signature=UrlToken(),
    event_id=field("id"),
    event_type=field("type"),
    handles={"made": Handles(Said, lambda _event, _settings: PLAN, field("whom"), field("at"), priority=True)},
    ignores=frozenset({"ping", "test.*"}),
    writes={"comment": frozenset({"create"})},
    secret_fields=("token", "auth.key"),
)
MADE = {"id": "1", "type": "made", "whom": "Åsa", "at": "2026-03-02T09:15:00+01:00"}


def request(body: Any, *headers: tuple[str, str]) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request("POST", "https://relay.example/webhooks/acme", headers, data)


def event(payload: Any = None, type_: str = "made") -> Event:
    return Event(
        id="1",
        type=type_,
        subject="s",
        time=datetime(2026, 3, 2, tzinfo=UTC),
        payload=payload or {"id": "1"},
        connection="a",
    )


def mapped(plan: Any) -> Connector:
    return replace(ACME, handles={"made": replace(ACME.handles["made"], plan=plan)})


def test_event_is_read() -> None:
    (reading,) = read(ACME, request(MADE))

    assert (reading.id, reading.type, reading.subject, reading.priority) == ("1", "made", "Åsa", True)
    assert reading.time == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert reading.payload == MADE
    assert reading.problem is None


def test_each_event_of_an_array_is_read() -> None:
    readings = read(replace(ACME, split=each), request([MADE, {**MADE, "id": "2"}, 5]))

    assert [reading.id for reading in readings[:2]] == ["1", "2"]
    assert readings[2].problem == "acme: the request names no event id and no type"


def test_empty_array_holds_no_event() -> None:
    assert list(read(replace(ACME, split=each), request([]))) == []


def test_an_array_of_more_events_than_any_sender_has_is_not_read() -> None:
    flood = request([1] * (MOST_EVENTS + 1))

    with pytest.raises(BadBody, match=rf"{MOST_EVENTS + 1} events, and {MOST_EVENTS} at the most"):
        read(replace(ACME, split=each), flood)
    assert len(parts(replace(ACME, split=each), flood)) == MOST_EVENTS + 1  # what was stored once can be planned


def test_form_is_read() -> None:
    form = replace(ACME, body="form")
    (reading,) = read(form, request(b"id=7&type=made&whom=%C3%85sa&tag=a&tag=%C3%B6&blank="))

    assert reading.payload == {"id": "7", "type": "made", "whom": "Åsa", "tag": ["a", "ö"], "blank": ""}


@pytest.mark.parametrize("body", [b"id=%ff", b"\xff", b"&".join([b"a=1"] * 10_001)])
def test_what_is_no_form_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody, match="acme: the body is not a form"):
        read(replace(ACME, body="form"), request(body))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}', b'{"a": 1e999}', b'{"a":' + b"9" * 5000 + b"}"]
)
def test_what_is_no_json_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody, match="acme: the body is not JSON"):
        read(ACME, request(body))


def test_body_that_is_nested_deeply_is_read_or_refused() -> None:
    for depth in (100, 400, 600, 900, 5000):
        body = b'{"id":"1","type":"made","whom":"a","x":' + b"[" * depth + b"]" * depth + b"}"
        try:
            assert read(ACME, request(body))[0].id == "1"
        except BadBody as error:
            assert depth > 100, error  # noqa: PT017 - either end is right for the deeper ones


def test_connector_explains_what_is_missing() -> None:
    explaining = replace(ACME, explains=lambda incoming: f"`{incoming.payload['type']}` needs an id")

    (reading,) = read(explaining, request({"type": "made"}))
    assert reading.problem == "acme: `made` needs an id"

    (reading,) = read(explaining, request({"whom": "a"}))
    assert reading.problem == "acme: the request names no event id and no type"


def test_missing_parts_are_named_and_stood_in_for() -> None:
    (reading,) = read(ACME, request({"type": "made"}))

    assert reading.problem == "acme: the request names no event id and no subject"
    assert reading.id.startswith("sha256:")
    assert reading.subject == f"event:{reading.id}"
    assert read(ACME, request({"type": "made"}))[0].id == reading.id
    assert read(ACME, request({"type": "made", "x": 1}))[0].id != reading.id


@pytest.mark.parametrize("name", ["ping", "test.å", "unheard of"])
def test_event_that_is_not_mapped_needs_no_subject(name: str) -> None:
    (reading,) = read(ACME, request({"id": "1", "type": name}))

    assert reading.problem is None
    assert reading.subject == "event:1"


@pytest.mark.parametrize("text", ["å\0", "\ud800", "x" * 256])
def test_what_a_database_cannot_hold_is_stood_in_for(text: str) -> None:
    (reading,) = read(ACME, request({**MADE, "id": text, "whom": text}))

    assert reading.id == reading.subject == bounded(text)
    assert len(reading.id) == len("sha256:") + 64


@given(st.text(), st.text())
def test_stand_ins_keep_ids_apart(one: str, other: str) -> None:
    assert (bounded(one) == bounded(other)) == (one == other)


def test_payload_holds_nothing_that_cannot_be_stored() -> None:
    (reading,) = read(ACME, request({**MADE, "note": "a\0b\ud800c", "na\0me": ["\udfff"]}))

    assert json.dumps(reading.payload, ensure_ascii=False).encode()
    assert reading.payload["note"] == "ab?c"


def test_secrets_in_the_payload_are_masked() -> None:
    said = {**MADE, "token": "hemligt", "auth": {"key": 7, "user": "åsa"}}

    (reading,) = read(ACME, request(said))

    assert reading.payload["token"] == "***"
    assert reading.payload["auth"] == {"key": "***", "user": "åsa"}


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ({"token": "a", "key": "b"}, {"token": "<a>", "key": "b"}),
        ([{"token": "a"}, [{"token": "b"}]], [{"token": "<a>"}, [{"token": "<b>"}]]),
        ({"deal": {"auth": {"key": "a", "token": "b"}}}, {"deal": {"auth": {"key": "<a>", "token": "<b>"}}}),
        ({"auth": [{"key": "a"}, "b"]}, {"auth": [{"key": "<a>"}, "b"]}),
        ({"auth": {"auth": {"key": "a"}, "x": {"key": "b"}}}, {"auth": {"auth": {"key": "<a>"}, "x": {"key": "b"}}}),
        ({"token": {"token": "a"}}, {"token": "<{'token': 'a'}>"}),
        ({"token": None}, {"token": "<None>"}),
        ("token", "token"),
    ],
)
def test_a_secret_field_is_masked_wherever_it_stands_and_nothing_else_is(value: Any, hidden: Any) -> None:
    assert masked(value, ("token", "auth.key", "auth.token"), lambda secret: f"<{secret}>") == hidden


def test_extractor_that_raises_has_found_nothing() -> None:
    def broken(_delivery: Incoming) -> NoReturn:
        raise KeyError("hemligt")

    (reading,) = read(replace(ACME, event_id=broken), request(MADE))
    assert reading.problem == "acme: the request names no event id"


def test_split_that_raises_is_a_bad_body_and_its_text_stays_inside() -> None:
    def broken(_payload: Any) -> NoReturn:
        raise KeyError("hemligt")

    with pytest.raises(BadBody, match="can't be split into events") as caught:
        read(replace(ACME, split=broken), request(MADE))
    assert "hemligt" not in str(caught.value)


def test_time_that_is_none_is_said_on_the_event() -> None:
    handles = {"made": replace(ACME.handles["made"], time=constant("0001-01-01T00:00:00Z"))}
    (reading,) = read(replace(ACME, handles=handles), request(MADE))
    assert reading.time is None
    assert reading.note == "its time '0001-01-01T00:00:00Z' can't be one: the time of receipt counts"


def test_time_that_can_be_one_needs_no_note() -> None:
    (reading,) = read(ACME, request(MADE))
    assert reading.note is None


def test_rule_is_handled_ignored_or_none() -> None:
    assert rule_for(ACME, "made") is ACME.handles["made"]
    assert rule_for(ACME, "test.å") == Ignored("ignores test.*")
    assert rule_for(ACME, "Made") is None


def test_event_is_planned() -> None:
    assert plan_event(ACME, None, event()) == PLAN
    assert plan_event(ACME, None, event(type_="ping")) == Ignored("ignores ping")
    assert plan_event(ACME, None, event(type_="x")) == NO_RULE


STRICT = replace(
    ACME,
    unknown_types="dead",
    handles=dict.fromkeys(("order.upsert", "order.note", "Körning.klar"), ACME.handles["made"]),
)


@pytest.mark.parametrize(
    ("type_", "line"),
    [
        ("order.upsrt", "acme: there is no event type 'order.upsrt'; did you mean order.upsert?"),
        ("Order.Upsert", "acme: there is no event type 'Order.Upsert'; did you mean order.upsert?"),
        ("körning.klart", "acme: there is no event type 'körning.klart'; did you mean Körning.klar?"),
        ("order.paid", "acme: there is no event type 'order.paid'; did you mean order.note or order.upsert?"),
        ("ö\n", "acme: there is no event type 'ö'; the types are Körning.klar, order.note, order.upsert"),
        ("x" * 300, None),
    ],
)
def test_type_that_senders_choose_and_nobody_knows_is_a_dead_letter_that_names_what_is_near(
    type_: str, line: str | None
) -> None:
    (reading,) = read(STRICT, request({**MADE, "type": type_}))
    with pytest.raises(Rejected) as caught:
        plan_event(STRICT, None, event(type_=reading.type))
    assert reading.problem == str(caught.value)
    assert reading.problem == line or (line is None and len(reading.problem) < 200)


def test_type_that_is_ignored_is_no_unknown_one() -> None:
    (reading,) = read(STRICT, request({**MADE, "type": "ping"}))
    assert reading.problem is None
    assert plan_event(STRICT, None, event(type_="ping")) == Ignored("ignores ping")


def test_what_a_request_does_not_name_counts_before_an_unknown_type() -> None:
    (reading,) = read(STRICT, request({"type": "x"}))
    assert reading.problem == "acme: the request names no event id"


@pytest.mark.parametrize(
    ("payload", "line"),
    [
        ({"x": 1}, "made: id: Missing data for required field"),
        ({"id": "1", "customer": {"email": "hemligt"}}, "made: customer.email: Not a valid email address"),
        (["hemligt"], "made: payload: Invalid input type"),
        ({"id": [], "customer": 7}, "made: customer: Invalid input type; id: Not a valid string"),
    ],
)
def test_payload_that_does_not_validate_is_rejected_in_one_line(payload: Any, line: str) -> None:
    with pytest.raises(Rejected) as caught:
        plan_event(ACME, None, event(payload))
    assert str(caught.value) == line


def test_mapping_that_raises_is_named_and_its_text_stays_inside() -> None:
    def broken(_event: Event, _settings: Any) -> NoReturn:
        raise KeyError("hemligt")

    with pytest.raises(
        Rejected, match=r"made: the acme mapping raised KeyError in broken \(test_read.py:\d+\)"
    ) as caught:
        plan_event(mapped(broken), None, event())
    assert caught.value.__suppress_context__


def test_mapping_may_reject_by_itself() -> None:
    def strict(_event: Event, _settings: Any) -> NoReturn:
        raise Rejected("customer: is nobody")

    with pytest.raises(Rejected, match=r"^made: customer: is nobody$"):
        plan_event(mapped(strict), None, event())


@pytest.mark.parametrize("answer", [None, [PLAN[0]], (PLAN[0], None), "plan"])
def test_mapping_that_answers_no_plan_is_rejected(answer: Any) -> None:
    with pytest.raises(Rejected, match="the acme mapping answered no plan but"):
        plan_event(mapped(lambda _event, _settings: answer), None, event())


DELIVERY = Incoming(
    request(b"", ("x-id", "1"), ("x-twice", "1"), ("x-twice", "2"), ("x-empty", "")),
    {"a": {"b": [{"c": "å"}, 7]}, "f": 1.5, "yes": True, "blank": " ", "gid": "gid://shop/Customer/42"},
)


@pytest.mark.parametrize(
    ("extract", "found"),
    [
        (header("X-Id"), "1"),
        (header("X-Twice"), None),
        (header("X-Empty"), None),
        (field("a.b.0.c"), "å"),
        (field("a.b.1"), "7"),
        (field("a.b.2"), None),
        (field("a.b.-1"), None),
        (field("a.b.²"), None),
        (field("a.b"), None),
        (field("f"), "1.5"),
        (field("yes"), None),
        (field("blank"), None),
        (constant("c"), "c"),
        (first_of(field("x"), header("x-id")), "1"),
        (first_of(field("x"), field("y")), None),
        (joined(":", constant("order"), field("a.b.1")), "order:7"),
        (joined(":", constant("order"), field("x")), None),
        (last_part(field("gid")), "42"),
        (last_part(field("x")), None),
        (digest_of(field("x"), field("y")), None),
    ],
)
def test_extractors_find_text_or_nothing(extract: Any, found: str | None) -> None:
    assert extract(DELIVERY) == found


def test_digest_stands_for_the_fields_in_their_order() -> None:
    ab = digest_of(field("a"), field("b"))

    def of(**payload: str) -> str | None:
        return ab(Incoming(request(b""), payload))

    assert of(a="x", b="y") == of(b="y", a="x", c="z")
    assert len({of(a="x", b="y"), of(a="y", b="x"), of(a="xy"), of(b="xy"), of(a="x,y")}) == 5
