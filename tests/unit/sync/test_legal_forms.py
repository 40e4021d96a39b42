"""Companies that differ in their legal form only are found, and no others."""

from __future__ import annotations

import pytest

from worker.sync.legal_forms import taken_as_one
from worker.sync.records import Found, Json


def companies(*rows: dict[str, Json]) -> list[Found]:
    return [Found(number, row) for number, row in enumerate(rows, 1)]


def test_names_without_their_legal_forms_are_one() -> None:
    found = companies(
        {"name": "Björkvikens Plåt AB"},
        {"name": "Aktiebolag  BJÖRKVIKENS plåt"},
        {"name": "Björkvikens Plåt"},
        {"name": "Björkvikens Plåtslageri AB"},
        {"name": "Ödeshögs Rör HB", "webpage": "https://odeshogsror.example/"},
        {"name": "Ödeshögs Rör", "orgNo": "599999-0061"},
    )
    assert taken_as_one(found) == [frozenset({1, 2, 3}), frozenset({5, 6})]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Lom AB", "orgNo": "599999-0061"}, {"name": "Lom HB", "orgNo": "599999-0079"}),
        ({"name": "Lom AB", "webpage": "lom.example"}, {"name": "Lom HB", "webpage": "lom-hb.example"}),
        ({"name": "Lom AB"}, {"name": "lom ab"}),
        ({"name": "Lom AB"}, {"name": "Lom", "active": 0}),
        ({"name": "AB"}, {"name": None}),
    ],
    ids=["two numbers", "two web pages", "one exact name", "an inactive one", "no name"],
)
def test_what_something_tells_apart_is_not_one(one: dict[str, Json], other: dict[str, Json]) -> None:
    assert taken_as_one(companies(one, other)) == []


def test_thousands_of_one_name_are_counted_without_comparing_each_with_each() -> None:
    many = [{"name": "Privatkund"}] * 20_000
    (found,) = taken_as_one(companies(*many, {"name": "Privatkund AB"}))
    assert len(found) == 20_001
