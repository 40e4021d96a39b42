"""Schemas made from payloads take these payloads, and say what is needed."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema

from tests.unit.devkit.scaffold.senders import SENDERS, captures
from worker.devkit.scaffold.event_types import by_type
from worker.devkit.scaffold.infer import guessed
from worker.devkit.scaffold.schema_source import schemas

TWO = [
    {"id": 1, "name": "Åsa", "phone": None, "tags": ["å"], "address": {"city": "Luleå", "zip": "972 31"}, "note": ""},
    {"id": "b", "name": "Bo", "phone": "070", "tags": [], "address": {"city": "Umeå", "zip": None}, "ok": True},
]


def made(by_type: Mapping[str, Sequence[Any]], **arguments: Any) -> Mapping[str, type[Schema]]:
    written = schemas("Acme", by_type, arguments.pop("needed", {}), **arguments)
    space: dict[str, Any] = {"__name__": "made"}
    exec(compile(written.source, "made", "exec"), space)  # noqa: S102 - the source is what is tested
    return {name: space[found] for name, found in written.classes.items()}


def test_nothing_is_required_because_all_payloads_have_it() -> None:
    schema = made({"made": TWO})["made"]()

    assert {name for name, field in schema.fields.items() if field.required} == set()
    assert schema.load({"id": 7, "name": "Ö", "tags": [], "address": {"city": "Y"}})["phone"] is None


def test_one_payload_makes_nothing_required_but_what_is_needed() -> None:
    schema = made({"made": TWO[:1]}, needed={"made": [("address", "city")]})["made"]()
    problems: Any = schema.validate({"address": {}})

    assert {name for name, field in schema.fields.items() if field.required} == {"address"}
    assert problems == {"address": {"city": ["Missing data for required field."]}}


def test_types_are_as_seen() -> None:
    source = schemas(
        "Acme",
        {"made": [{"id": 1, "count": 2, "price": 3, "rate": 0.5, "on": True, "text": "å", "no": None, "sum": "1.50"}]},
        {},
        frozenset({("sum",)}),
    ).source
    for line in (
        "id = Id()",
        "count = fields.Integer()",
        "price = Amount()",
        "rate = Amount()",
        "on = fields.Boolean()",
        "text = Text()",
        "no = Id()" if "no = Id()" in source else "no = fields.Raw(allow_none=True)",
        "sum = Amount()",
    ):
        assert f"    {line}\n" in source


def test_objects_in_one_place_are_one_class_where_they_are_alike() -> None:
    source = schemas("Acme", {"a": [{"who": {"x": 1, "y": 2}}], "b": [{"who": {"x": 1, "z": 2, "y": 1}}]}, {}).source
    assert source.count("(Payload):") == 3


def test_objects_of_one_name_that_differ_are_two_classes() -> None:
    source = schemas("Acme", {"a": [{"who": {"x": 1, "y": 2}}], "b": [{"who": {"p": 1, "q": 2}}]}, {}).source
    assert {node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)} == {"Who", "A", "BWho", "B"}


@pytest.mark.parametrize("sender", SENDERS)
def test_schema_takes_what_it_was_made_from(sender: str) -> None:
    found = captures(sender)
    payloads = by_type(found, guessed("acme", found).event_type)

    for event_type, schema in made(payloads).items():
        for payload in payloads[event_type]:
            assert schema().validate(payload) == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("aåb1 -.", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text("aÅ1-_ .", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", "å b", "class", "data", "Text"]), json_values, max_size=4),
        min_size=1,
        max_size=3,
    )
)
def test_any_payloads_make_a_schema_that_takes_them(payloads: list[Any]) -> None:
    schema = made({"made": payloads})["made"]()
    for payload in payloads:
        assert schema.validate(payload) == {}


def test_words_tell_amounts_and_phone_numbers() -> None:
    row = {
        "qty": 2,
        "unit_price": "12.50",
        "total_incl_vat": "12",
        "price_id": "p1",
        "price": "gratis",
        "mobile": "070",
        "fax": 8,
    }

    source = schemas("Acme", {"made": [row]}, {}).source

    for line in (
        "qty = Amount()",
        "unit_price = Amount()",
        "total_incl_vat = Amount()",
        "price_id = Id()",
        "price = Text()",
        "mobile = Text()",
        "fax = Id()",
    ):
        assert f"    {line}\n" in source
