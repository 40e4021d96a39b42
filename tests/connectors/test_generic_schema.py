"""The published JSON Schema and the schemas that read events agree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from schemas.generic import ENVELOPES
from tests.connectors.catalogue import CASES, Filed
from worker.connectors.generic import connector, json_schema

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
    schema = ENVELOPES.get(document.get("type"))
    return schema is not None and not schema().validate(document)


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
        (ACCOUNT | {"added later": 1}, True),
        (ACCOUNT | {"time": None, "subject": None}, True),
        (ACCOUNT | {"data": {"id": 7}}, True),
        (ACCOUNT | {"data": {"id": ""}}, False),
        (ACCOUNT | {"data": {"id": None}}, False),
        (ACCOUNT | {"data": {"id": "K", "name": 7}}, False),
        (ACCOUNT | {"data": {"id": "K", "active": "yes"}}, False),
        (ACCOUNT | {"data": {"id": "K", "users": ["åsa"]}}, False),
        (ACCOUNT | {"data": {"id": "K", "addresses": [{"type": "Home"}]}}, False),
        (ACCOUNT | {"data": {"id": "K", "custom": {"A": [{}]}}}, False),
        (ACCOUNT | {"data": {"id": "K", "custom": {"A": ["x", 1, True]}}}, True),
        (ACCOUNT | {"data": {"id": "K", "custom": {"A": None, "B": 1.5, "C": True}}}, True),
        (ACCOUNT | {"type": "account.delete"}, False),
        ({"id": "e", "type": "account.upsert"}, False),
        ({"data": {"id": "K"}}, False),
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
        (order(client={"orgNo": "556036-0793"}), True),
        (order(client={"phone": "08-1"}), False),
        (order(client=None), True),
        (order(contact={"name": "Åsa"}), False),
        (order(on_create={"stage": "Order"}, if_empty={"notes": "å"}, set={"notify": False}), True),
        (order(on_create={"notify": "no"}), False),
    ],
)
def test_document_is_judged_alike(document: Any, right: bool) -> None:  # noqa: FBT001 - a column of the table
    assert published_accepts(document) is right
    assert read_accepts(document) is right
