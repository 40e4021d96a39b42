"""Numbers and flags that people write as text are taken where they can be read in one way only."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.written import Flag, WholeNumber, WrittenAmount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12"),
        ("-12", "-12"),
        ("+7", "7"),
        (" 12500.50 ", "12500.50"),
        ("12500,50", "12500.50"),
        ("12 500,50", "12500.50"),
        ("12\u00a0500,50", "12500.50"),
        ("12\u202f500.50", "12500.50"),
        ("1 200 000", "1200000"),
        ("12,500.50", "12500.50"),
        ("12.500,50", "12500.50"),
        ("1,250,000", "1250000"),
        ("1.250.000", "1250000"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        ("1.250", "1.250"),
        ("12500,500", "12500.500"),
        ("0.1", "0.1"),
    ],
)
def test_an_amount_that_can_be_read_in_one_way(text: str, amount: str) -> None:
    assert WrittenAmount().deserialize(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["1,250", "-12,500", "999,000"])
def test_an_amount_that_can_be_read_in_two_ways_is_asked_back(text: str) -> None:
    with pytest.raises(ValidationError, match="between thousands"):
        WrittenAmount().deserialize(text)


@pytest.mark.parametrize(
    "text",
    ["", "två", "12 50", "1 2500", "12,500,50", "1.2.3", "12 500 kr", "1e5", "NaN", "٣", "1,,2", "12.", ".5", "--1"],
)
def test_what_is_no_amount_is_none(text: str) -> None:
    with pytest.raises(ValidationError, match="Not a number"):
        WrittenAmount().deserialize(text)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_an_amount_is_the_same_in_english_and_in_swedish(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    swedish = english.translate(str.maketrans(",.", "\u00a0,"))

    assert WrittenAmount().deserialize(english) == WrittenAmount().deserialize(swedish) == amount


@pytest.mark.parametrize(("value", "number"), [(12, 12), ("12", 12), ("1 200", 1200), ("12.0", 12), (12.0, 12)])
def test_a_whole_number(value: object, number: int) -> None:
    assert WholeNumber().deserialize(value) == number


@pytest.mark.parametrize("value", ["12.5", 12.5, "tolv", "1,200", [], {}, "1" * 5000])
def test_what_is_no_whole_number(value: object) -> None:
    with pytest.raises(ValidationError):
        WholeNumber().deserialize(value)


@pytest.mark.parametrize("value", [True, "true", "True", " JA ", "yes", "1", 1])
def test_yes(value: object) -> None:
    assert Flag().deserialize(value) is True


@pytest.mark.parametrize("value", [False, "false", "FALSE", "Nej", "no", "0", 0])
def test_no(value: object) -> None:
    assert Flag().deserialize(value) is False


@pytest.mark.parametrize("value", ["", "kanske", 2, -1, "j", [], {}, [True]])
def test_neither(value: object) -> None:
    with pytest.raises(ValidationError, match="Not true or false"):
        Flag().deserialize(value)
