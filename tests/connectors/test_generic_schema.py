"""The published JSON Schema and the schemas that read events agree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tests.connectors.catalogue import CASES, Filed
from worker.connectors.generic import connector, json_schema
from worker.sdk.contents import faults
from worker.sdk.read import read
from worker.sdk.request import Request

VALIDATOR = Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
OURS = [each for each in CASES if each.connector is connector]
ACCOUNT = {"id": "e", "type": "account.upsert", "data": {"id": "K-1", "name": "Åkeri AB"}}
ROW = {"id": 1, "articleNo": "A", "quantity": 1, "price": "2.50"}


def order(**fields: Any) -> dict[str, Any]:
    return {"id": "e", "type": "order.upsert", "data": {"id": "O", **fields}}


def published_accepts(document: Any) -> bool:
    try:
        VALIDATOR.validate(document)
    except ValidationError:
        return False
    return True


def read_accepts(document: Any) -> bool:
    """As a connection does that answers `strict`, but for the event's id, which may be a header, and for times."""
    request = Request(
        "POST", "https://relay.example/webhooks/generic", (("webhook-id", "m"),), json.dumps(document).encode()
    )
    found = faults(connector, connector.settings(), read(connector, request))
    return not [fault for fault in found if fault.pointer != "/time"]


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("filed", OURS, ids=str)
def test_cases_are_judged_alike(filed: Filed) -> None:
    document = json.loads(filed.case.request.body)
    assert published_accepts(document) == read_accepts(document)


@pytest.mark.parametrize(
    ("document", "right"),
    [
        (ACCOUNT, True),
        (ACCOUNT | {"tiem": "2026-03-02T09:15:00+01:00"}, False),
        (ACCOUNT | {"data": {"id": "K", "orgno": "599999-0012"}}, False),
        (ACCOUNT | {"data": {"id": "K", "addresses": [{"type": "Mail", "street": "Åvägen 1"}]}}, False),
        (ACCOUNT | {"data": {"id": "K", "on_create": {"phnoe": "08-1"}}}, False),
        (ACCOUNT | {"specversion": "1.0", "source": "/kassa", "datacontenttype": "application/json"}, True),
        (ACCOUNT | {"time": None, "subject": None}, True),
        (ACCOUNT | {"data": {"id": 7}}, True),
        (ACCOUNT | {"data": {"id": ""}}, False),
        (ACCOUNT | {"data": {"id": None}}, False),
        (ACCOUNT | {"data": {"id": "K", "name": 7}}, False),
        (ACCOUNT | {"data": {"id": "K", "active": "yes"}}, True),
        (ACCOUNT | {"data": {"id": "K", "active": "Nej"}}, True),
        (ACCOUNT | {"data": {"id": "K", "active": "kanske"}}, False),
        (ACCOUNT | {"data": {"id": "K", "active": 2}}, False),
        (ACCOUNT | {"data": {"id": "K", "noEmployees": "12"}}, True),
        (ACCOUNT | {"data": {"id": "K", "noEmployees": "tolv"}}, False),
        (ACCOUNT | {"data": {"id": "K", "turnover": "1 200 000,50"}}, True),
        (ACCOUNT | {"data": {"id": "K", "turnover": "1,250"}}, False),
        (ACCOUNT | {"data": {"id": "K", "users": ["åsa"]}}, False),
        (ACCOUNT | {"data": {"id": "K", "addresses": [{"type": "Home"}]}}, False),
        (ACCOUNT | {"data": {"id": "K", "custom": {"A": [{}]}}}, False),
        (ACCOUNT | {"data": {"id": "K", "custom": {"A": ["x", 1, True]}}}, True),
        (ACCOUNT | {"data": {"id": "K", "custom": {"A": None, "B": 1.5, "C": True}}}, True),
        (ACCOUNT | {"type": "account.delete"}, False),
        ({"id": "e", "type": "account.upsert"}, False),
        ({"data": {"id": "K"}}, False),
        ({"type": "ping"}, True),
        ({"type": "test.hej", "note": "åäö"}, True),
        ({"type": "pong"}, False),
        (order(), True),
        (order(rows=[ROW]), True),
        (order(rows=[]), False),
        (order(rows=[{**ROW, "quantity": "två"}]), False),
        (order(rows=[{**ROW, "price": None}]), False),
        (order(rows=[{"id": 1}]), False),
        (order(currency="kronor"), False),
        (order(currency="SEK"), True),
        (order(date="2026-03-02"), True),
        (order(date="i går"), False),
        (order(client={"orgNo": "599999-0012"}), True),
        (order(client={"phone": "08-1"}), False),
        (order(client=None), True),
        (order(contact={"name": "Åsa"}), False),
        (order(on_create={"stage": "Order"}, if_empty={"notes": "å"}, set={"notify": False}), True),
        (order(on_create={"notify": "no"}), True),
        (order(on_create={"notify": "aldrig"}), False),
    ],
)
def test_document_is_judged_alike(document: Any, right: bool) -> None:  # noqa: FBT001 - a column of the table
    assert published_accepts(document) is right
    assert read_accepts(document) is right
