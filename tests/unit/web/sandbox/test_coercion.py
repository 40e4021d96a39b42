"""The sandbox changes values that Upsales does not like, without saying so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_playground import Playground


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("name", "  Åhléns  ", "Åhléns"),
        ("name", "Ö" * 101, "Ö" * 100),
        ("phone", "0" * 40, "0" * 30),
        ("orgNo", 5999991234, "5999991234"),
        ("noEmployees", "många", 0),
        ("noEmployees", "12", 12),
        ("turnover", "1e3", 1000),
        ("turnover", "nan", 0),
        ("importId", "x", 0),
        ("priceListId", "x", 0),
        ("deactivatedBy", {}, 0),
        ("registrationDate", "inte ett datum", None),
        ("registrationDate", "2020-02-29", "2020-02-29"),
        ("dunsNo", "x", None),
        ("prospectingId", "x", None),
        ("naicsCode", "1234567", "123456"),
        ("sicCode", "1234567", "123456"),
        ("ukSicCode", "1234567", "12345"),
        ("active", False, 0),
        ("active", "1", 1),
        ("about", ["en", "lista"], None),
        ("deactivationDate", "2025-12-31", "2025-12-30T23:00:00.000Z"),
        ("users", [{"id": 1}, {"id": 99}, 2, "x"], [1, 2]),
    ],
)
def test_accounts_coerce_silently(sandbox: Playground, field: str, sent: Any, stored: Any) -> None:
    account = sandbox.account(**{field: sent})
    value = account[field]
    assert (value if field != "users" else [user["id"] for user in value]) == stored


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("id", 77),
        ("regDate", "2001-01-01"),
        ("score", 50),
        ("currency", "NOK"),
        ("parent", {"id": 1}),
        ("isExternal", 1),
        ("hasOrder", True),
        ("numberOfContacts", 9),
        ("naceCode", "1"),
        ("userEditable", False),
        ("source", {"type": "x"}),
    ],
)
def test_read_only_fields_are_ignored(sandbox: Playground, field: str, sent: Any) -> None:
    assert sandbox.account(**{field: sent})[field] != sent


def test_unknown_fields_are_ignored(sandbox: Playground) -> None:
    account = sandbox.account(whatever="Ä")
    assert "whatever" not in account


def test_a_bad_credit_rating_is_refused_under_its_misspelt_key(sandbox: Playground) -> None:
    response = sandbox.post("/accounts", {"name": "Ö", "creditRating": "Z"})
    assert response.status_code == 400
    assert response.json["error"]["key"] == "InvaildCreditRating"


def test_api_blank_is_text_like_any_other(sandbox: Playground) -> None:
    assert sandbox.account(phone="API_BLANK")["phone"] == "API_BLANK"


REQUIRED = [
    ("/accounts", {}, "name"),
    ("/accounts", {"name": "  "}, "name"),
    ("/contacts", {"name": "Åsa"}, "client"),
    ("/contacts", {"client": {"id": 999}}, "client"),
    ("/orderstages", {"name": "Ny"}, "probability"),
    ("/activities", {"description": "Ring"}, "users"),
    ("/activities", {"description": "Ring", "users": [{"id": 1}]}, "activityType"),
    ("/appointments", {"users": [{"id": 1}], "activityType": {"id": 4}}, "date"),
    ("/phoneCall", {"user": {"id": 1}, "client": {"id": 1}}, "contact"),
    ("/projects", {}, "name"),
    ("/products", {}, "name"),
    ("/tickets", {}, "title"),
    ("/comments", {}, "description"),
    ("/events", {"score": 5}, "entityType"),
    ("/events", {"entityType": "manual"}, "score"),
    ("/customfields/account", {"datatype": "String"}, "name"),
]


@pytest.mark.parametrize(("path", "body", "missing"), REQUIRED)
def test_what_is_required_on_create(sandbox: Playground, path: str, body: dict[str, Any], missing: str) -> None:
    sandbox.account()
    response = sandbox.post(path, body)
    assert response.status_code == 400
    error: Any = response.json["error"]
    assert (error["key"], error["code"], error["errorCode"]) == ("FailedValidation", 400, 26)
    assert missing in error["msg"]


@pytest.mark.parametrize("missing", ["client", "user", "stage", "date", "orderRow"])
def test_what_an_order_requires(sandbox: Playground, missing: str) -> None:
    body = sandbox.order_body(sandbox.account()["id"])
    del body[missing]
    assert missing in sandbox.post("/orders", body).json["error"]["msg"]


def test_an_update_sets_only_what_it_mentions_but_empties_nothing_required(sandbox: Playground) -> None:
    account = sandbox.account(phone="08", notes="å")
    path = f"/accounts/{account['id']}"
    assert sandbox.changed(path, {"phone": None})["phone"] is None
    assert sandbox.changed(path, {})["notes"] == "å"
    assert sandbox.put(path, {"name": None}).status_code == 400


def test_an_order_stage_needs_its_probability_on_update_too(sandbox: Playground) -> None:
    path = f"/orderstages/{sandbox.stage(50)}"
    assert sandbox.put(path, {"name": "Offert 2"}).status_code == 400
    assert sandbox.changed(path, {"name": "Offert 2", "probability": 55})["probability"] == 55


def test_records_tell_who_made_and_changed_them_and_when(sandbox: Playground) -> None:
    account = sandbox.account()
    assert account["regBy"]["name"] == "shop"
    assert account["regDate"] == "2025-11-07T12:00:00.000Z"
    sandbox.clock.now += 90
    changed = sandbox.changed(f"/accounts/{account['id']}", {"phone": "1"}, key="k-forms")
    assert (changed["regBy"]["name"], changed["modBy"]["name"]) == ("shop", "forms")
    assert changed["modDate"] == "2025-11-07T12:01:30.000Z"
