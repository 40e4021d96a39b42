"""Custom fields: definitions, typed twins, and what a write does to the others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_playground import Playground


def define(sandbox: Playground, datatype: str, **fields: Any) -> int:
    body = {"name": f"Fält {datatype}", "datatype": datatype, **fields}
    return int(sandbox.made("/customfields/account", body)["id"])


@pytest.mark.parametrize(
    ("datatype", "sent", "stored"),
    [
        ("String", " Å ", {"value": "Å"}),
        ("String", "x" * 300, {"value": "x" * 255}),
        ("String", 2210, {"value": "2210"}),
        ("Text", "x" * 300, {"value": "x" * 300}),
        ("Integer", "12", {"value": "12", "valueInteger": 12}),
        ("Integer", "många", {"value": "0", "valueInteger": 0}),
        ("Currency", "12.5", {"value": "12.5", "valueDouble": 12.5}),
        ("Boolean", True, {"value": "1", "valueBoolean": True}),
        ("Boolean", "false", {"value": "0", "valueBoolean": False}),
        ("Date", "2026-02-03", {"value": "2026-02-03", "valueDate": "2026-02-03T00:00:00.000Z"}),
        ("Date", "i morgon", None),
        ("Date", 1777593600000, None),
        ("Percent", "12.5", {"value": "12.5", "valueDouble": 12.5}),
        ("Discount", "tolv", {"value": "0", "valueDouble": 0}),
        ("Time", "09:30", {"value": "09:30"}),
        ("Time", "halv tio", None),
        ("Email", "åsa@exempel.se", {"value": "åsa@exempel.se"}),
        ("Link", " https://exempel.se ", {"value": "https://exempel.se"}),
        ("User", "1", {"value": "1", "valueInteger": 1}),
        ("User", "ingen@exempel.se", None),
        ("User", 999, None),
        ("Select", "röd", {"value": "röd"}),
        ("Select", "gul", None),
        ("MultiSelect", ["röd", "blå", "gul"], {"value": "röd,blå", "valueArray": ["röd", "blå"]}),
        ("MultiSelect", "röd, blå", {"value": "röd,blå", "valueArray": ["röd", "blå"]}),
        ("MultiSelect", "gul", None),
        ("String", "", None),
        ("String", None, None),
    ],
)
def test_values_are_strings_with_typed_twins(
    sandbox: Playground, datatype: str, sent: Any, stored: dict[str, Any] | None
) -> None:
    field = define(sandbox, datatype, default=["röd", "blå"])
    account = sandbox.account(custom=[{"fieldId": field, "value": sent}])
    assert account["custom"] == ([{"fieldId": field, **stored}] if stored else [])


@pytest.mark.parametrize("entity", ["account", "contact", "order", "activity", "appointment", "product", "agreement"])
def test_a_fresh_account_has_a_field_for_external_ids(sandbox: Playground, entity: str) -> None:
    found = sandbox.found(f"/customfields/{entity}", {"alias": "EXTERNAL_ID"}, settled=False)
    assert [(row["alias"], row["datatype"]) for row in found] == [("EXTERNAL_ID", "String")]


def test_a_field_of_another_entity_is_ignored(sandbox: Playground) -> None:
    assert sandbox.account(custom=[{"fieldId": sandbox.field("contact"), "value": "Å"}])["custom"] == []


def test_fields_that_a_put_omits_vanish(sandbox: Playground) -> None:
    first, second = define(sandbox, "String"), define(sandbox, "Text")
    account = sandbox.account(custom=[{"fieldId": first, "value": "å"}])
    changed = sandbox.changed(f"/accounts/{account['id']}", {"custom": [{"fieldId": second, "value": "ä"}]})
    assert [row["fieldId"] for row in changed["custom"]] == [second]
    cleared = sandbox.changed(f"/accounts/{account['id']}", {"custom": [{"fieldId": second, "value": ""}]})
    assert [row["fieldId"] for row in cleared["custom"]] == []


def test_an_obligatory_field_is_obligatory_for_people_only(sandbox: Playground) -> None:
    define(sandbox, "String", obligatoryField=1)
    assert sandbox.account(name="Ö")["custom"] == []


@pytest.mark.parametrize("datatype", ["string", "Påhittad", None])
def test_a_definition_needs_a_datatype_that_exists(sandbox: Playground, datatype: str | None) -> None:
    assert sandbox.post("/customfields/account", {"name": "Ö", "datatype": datatype}).status_code == 400


def test_deleting_a_field_deletes_its_data(sandbox: Playground) -> None:
    field, other = define(sandbox, "String"), define(sandbox, "Text")
    account = sandbox.account(custom=[{"fieldId": field, "value": "å"}, {"fieldId": other, "value": "ä"}])
    sandbox.delete(f"/customfields/account/{field}")
    shown: Any = sandbox.get(f"/accounts/{account['id']}").json
    assert [row["fieldId"] for row in shown["data"]["custom"]] == [other]
    assert sandbox.found("/accounts", {"custom": f"{field}:å"}) == []


def test_order_rows_have_custom_fields_of_their_own(sandbox: Playground) -> None:
    body = {"name": "Rad", "datatype": "String"}
    field = sandbox.made("/customfields/orderrow", body)["id"]
    client = sandbox.account()["id"]
    row = {"product": {"id": sandbox.product()}, "custom": [{"fieldId": field, "value": "rad-å"}]}
    order = sandbox.made("/orders", {**sandbox.order_body(client), "orderRow": [row]})
    assert order["orderRow"][0]["custom"] == [{"fieldId": field, "value": "rad-å"}]
    kept = [{"id": order["orderRow"][0]["id"], "quantity": 2}]
    assert sandbox.changed(f"/orders/{order['id']}", {"orderRow": kept})["orderRow"][0]["custom"]
