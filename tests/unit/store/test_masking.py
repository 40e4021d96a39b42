"""What is left of texts, payloads and records: their form, and whatever is somebody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from worker.store.privacy.masking import (
    ERASED,
    masked,
    masked_body,
    masked_fields,
    masked_headers,
    masked_url,
    without_person,
    without_texts,
)
from worker.store.privacy.person import Person

BO = Person(frozenset({"bo@exempel.se"}), frozenset({"Bo Ek"}))
EVA = {"email": "eva@exempel.se", "name": "Eva Ek"}


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ([{"email": "BO@exempel.se", "name": "B", "age": 7, "ok": True}, EVA], [
            {"email": ERASED, "name": ERASED, "age": ERASED, "ok": True}, EVA,
        ]),
        ({"id": 1, "customer": {"to": ["bo@exempel.se"], "address": {"city": "Ort"}}, "by": EVA}, {
            "id": 1, "customer": {"to": [ERASED], "address": {"city": ERASED}}, "by": EVA,
        }),
        ({"bo@exempel.se": {"first": "B"}, "n": 1}, {ERASED: {"first": ERASED}, "n": ERASED}),
        ({"note": "with Bo Ek", "id": 7}, {"note": ERASED, "id": 7}),
        ("bo@exempel.se", ERASED),
        (None, None),
    ],
)  # fmt: skip
def test_the_smallest_object_with_the_address_is_about_the_person(value: Any, left: Any) -> None:
    assert without_person(value, BO) == left


def test_a_body_keeps_what_is_others() -> None:
    body = json.dumps([{"email": "bo@exempel.se"}, EVA]).encode()
    assert json.loads(masked_body(body, BO)) == [{"email": ERASED}, EVA]


def test_a_body_that_is_no_json_is_given_up() -> None:
    assert masked_body(b"email=bo%40exempel.se&other=eva", BO) == b""


def test_headers_and_addresses_of_requests() -> None:
    assert masked_headers([("x-to", "bo@exempel.se"), ("x-id", "7")], BO) == [["x-to", ERASED], ["x-id", "7"]]
    assert masked_url("/webhooks/x?to=bo%40exempel.se", BO) == "/webhooks/x"
    assert masked_url("/webhooks/x?to=eva", BO) == "/webhooks/x?to=eva"


def test_a_field_keeps_its_age_and_loses_the_text_that_tells_of_the_person() -> None:
    fields = {"notes": ["Ring Bo Ek", 5, 6, "event", "butik"], "client": [{"id": 7}, 5, 6, "event", "butik"]}
    assert masked_fields(fields, BO.told_in) == {**fields, "notes": [ERASED, 5, 6, "event", "butik"]}
    assert masked({"rows": [{"text": "Bo Ek", "n": 1.5}]}, BO.told_in) == {"rows": [{"text": ERASED, "n": 1.5}]}


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("name", "Acme AB", ERASED),
        ("phone", "0701234567", ERASED),
        ("address", {"city": "Ort", "zip": "111 22"}, {"city": ERASED, "zip": ERASED}),
        ("custom.NICK", "Bosse", ERASED),
        ("date", "2026-11-30", "2026-11-30"),
        ("closeDate", "2026-11-30T12:00:00.000Z", "2026-11-30T12:00:00.000Z"),
        ("currency", "SEK", "SEK"),
        ("active", "1", "1"),
        ("notes", "", ""),
        ("notes", None, None),
        ("custom.EXTERNAL_ID", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("user", {"id": 3}, {"id": 3}),
        ("value", 12.5, 12.5),
        ("orderRow", [{"key": "line", "quantity": 1}], [{"key": "line", "quantity": 1}]),
    ],
)
def test_of_an_old_record_no_text_is_left_that_could_name_somebody(name: str, value: Any, left: Any) -> None:
    assert without_texts({name: [value, 5, 6, "event", "butik"]}) == {name: [left, 5, 6, "event", "butik"]}


@pytest.mark.parametrize("depth", [300, 600, 900])
def test_a_body_that_is_nested_deep_is_given_up_or_masked(depth: int) -> None:
    body = json.dumps([{"email": "bo@exempel.se"}, EVA])[:-1] + ", " + "[" * depth + "]" * depth + "]"
    assert b"bo@exempel.se" not in masked_body(body.encode(), BO)
