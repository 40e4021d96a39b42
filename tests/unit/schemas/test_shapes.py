"""Payloads as shops write them: blank money, lists as objects, empty objects as lists, words that are numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError

from schemas.wire import Extras, Flag, Many, Moment, Money, One, Payload, Words


class Line(Payload):
    price = Money(required=True)
    tax = Money()
    name = Words()


class Sale(Payload):
    lines = Many(Line, required=True)
    fees = Many(Line)
    buyer = One(Line)
    meta = Extras(Line)
    paid = Flag()
    at = Moment()


def loaded(**said: Any) -> dict[str, Any]:
    found: dict[str, Any] = Sale().load({"lines": [{"price": "1"}], **said})
    return found


@pytest.mark.parametrize("blank", ["", "  "])
def test_blank_money_is_zero_where_it_is_needed_and_else_absent(blank: str) -> None:
    assert loaded(lines=[{"price": blank, "tax": blank}])["lines"] == [{"price": Decimal(0), "tax": None, "name": None}]


def test_list_with_gaps_is_a_list() -> None:
    found = loaded(lines={"0": {"price": "1"}, "2": {"price": "3"}}, fees={"7": {"price": 2}})
    assert [line["price"] for line in found["lines"]] == [1, 3]
    assert [line["price"] for line in found["fees"]] == [2]


@pytest.mark.parametrize("empty", [[], "", False, None, {}])
def test_empty_object_or_list_is_none(empty: Any) -> None:
    assert loaded(buyer=None if empty == {} else empty)["buyer"] is None
    assert not loaded(fees=empty)["fees"]


@pytest.mark.parametrize("odd", ["x", [3], [["a"]], 7])
def test_what_no_amount_depends_on_may_be_anything(odd: Any) -> None:
    found = loaded(meta=odd, paid={"a": 1}, at=odd, lines=[{"price": 1, "name": {"sv": "Hylla"}}])
    assert (found["meta"] or None, found["paid"], found["at"], found["lines"][0]["name"]) == (None, None, None, None)


def test_object_beside_what_is_none_is_read() -> None:
    assert [each["name"] for each in loaded(meta={"1": {"price": 1, "name": "Kaj"}, "a": "?"})["meta"]] == ["Kaj"]


def test_number_in_the_place_of_words_is_text() -> None:
    assert loaded(lines=[{"price": 1, "name": 4711}])["lines"][0]["name"] == "4711"


@pytest.mark.parametrize("wrong", [{"price": "tolv"}, {"price": None}, {}, "x"])
def test_amount_that_cannot_be_read_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        loaded(lines=[wrong])
