"""The links in a plan's values, and what is left of them where a record isn't there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from worker.plan import IfKnown, Key, Ref, Upsert, Value, keys_in, knowing

COMPANY = Key("account", "företag:1")
PERSON = Key("contact", "kund:Åsa")


def test_links_are_found_however_deep_they_lie() -> None:
    value: Value = {"users": (Ref(1), PERSON), "more": {"client": COMPANY, "partner": IfKnown(PERSON)}}
    assert list(keys_in(value)) == [PERSON, COMPANY, PERSON]


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (IfKnown(COMPANY), {"n": COMPANY}),
        (IfKnown(PERSON), {}),
        (PERSON, {"n": PERSON}),
        ((IfKnown(PERSON), IfKnown(COMPANY), Ref(1)), {"n": (COMPANY, Ref(1))}),
        ((IfKnown(PERSON),), {}),
        (((IfKnown(PERSON),), Ref(1)), {"n": (Ref(1),)}),
        ({"who": IfKnown(PERSON), "city": "Växjö"}, {"n": {"city": "Växjö"}}),
        ({"who": IfKnown(PERSON)}, {}),
        ((), {"n": ()}),
        ({}, {"n": {}}),
        (None, {"n": None}),
        ("", {"n": ""}),
    ],
    ids=[
        "known",
        "not known",
        "a plain link, known or not",
        "elements of a list",
        "a list of nothing else",
        "a list in a list",
        "a part of a group",
        "a group of nothing else",
        "an empty list is a value",
        "an empty group is a value",
        "nothing is a value",
        "empty text is a value",
    ],
)
@pytest.mark.parametrize("policy", ["set", "on_create", "if_empty"])
def test_what_is_left_when_only_the_company_is_known(policy: str, value: Value, left: dict[str, Value]) -> None:
    upsert = Upsert(key=Key("activity", "återköp:1"), create=False)
    fields: dict[str, Any] = {policy: {"n": value}}
    expected: dict[str, Any] = {policy: left}
    assert knowing(replace(upsert, **fields), {COMPANY}) == replace(upsert, **expected)
