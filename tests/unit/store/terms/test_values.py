"""What is looked for and what is stored meet in one spelling; what tells things apart is kept first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.store.terms.keys import Hashing, from_hexadecimal, hexadecimal
from worker.store.terms.values import MOST, chosen, normal, scalars, stands_in, tells_of_nobody

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (4711, "4711"),
        (12.5, "12.50"),
        (4711.0, " 4711 "),
        ("Åkeri AB", "åkeri ab"),
        ("\u00c5keri", "A\u030akeri"),
        ("556677-8890", 5566778890),
        (10**20, "100000000000000000000"),
        ("Anna@Example.SE", "anna@example.se"),
    ],
)
def test_two_ways_to_write_a_value_are_one(one: Any, other: Any) -> None:
    assert normal(one) == normal(other) is not None


@pytest.mark.parametrize(
    ("one", "other"), [("0701", "701"), ("1.0.0", "1"), ("+46701", "46701"), ("ab-cd", "abcd"), ("12-34", "1234")]
)
def test_what_only_looks_alike_is_not(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize("value", [True, False, None, "ab", 12, "x" * 129, "", "[erased]", "***", 1e300, {}, []])
def test_what_nobody_looks_for_is_left_out(value: Any) -> None:
    assert normal(value) is None


@given(JSON)
def test_of_any_payload_there_are_a_few_values_that_can_be_looked_for(payload: Any) -> None:
    found = chosen(payload)
    assert len(found) == len(set(found)) <= MOST
    assert set(found) <= {normal(value) for _, value in scalars(payload)}
    assert [normal(text) for text in found] == list(found)


def test_what_tells_things_apart_comes_first() -> None:
    payload = {
        "notes": [{"text": f"anteckning {n}"} for n in range(50)],
        "created_at": "2026-11-26T08:00:00Z",
        "updated": 1_795_000_000,
        "customer": {"email": "Anna@Example.se", "orgNo": "556677-8890", "id": 881},
        "paid": True,
    }
    found = chosen(payload, "kund:Åsa")
    assert found[:4] == ["kund:åsa", "anna@example.se", "5566778890", "881"]
    assert len(found) == MOST
    assert not {"2026-11-26t08:00:00z", "1795000000"} & set(found)


def test_a_field_is_found_by_its_end() -> None:
    paths = [path for path, _ in scalars({"order": {"lines": [{"sku": "ÅÄÖ-1"}]}, "sku": 1})]
    assert paths == ["sku", "order.lines.sku"]
    assert stands_in("sku", "order.lines.sku")
    assert stands_in("order.lines.sku", "order.lines.sku")
    assert not stands_in("ku", "order.lines.sku")


def test_a_hash_goes_through_an_address_and_needs_the_key() -> None:
    one, other = Hashing(b"a" * 32), Hashing(b"b" * 32)
    term = one.term("anna@example.se")
    assert from_hexadecimal(hexadecimal(term)) == term != other.term("anna@example.se")
    assert -(2**63) <= term < 2**63
    assert "a" * 32 not in repr(one)


def test_a_subject_of_a_person_stands_in_no_address() -> None:
    assert tells_of_nobody("order:4711")
    assert tells_of_nobody("4711")
    assert not any(
        map(tells_of_nobody, ("kund:Åsa", "customer:anna@example.se", "phone:0701234567", "person:198001011234"))
    )
