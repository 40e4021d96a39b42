"""The links in a plan's values, and what is left of them where a record isn't there."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.plan import LONGEST, ClientOf, IfKnown, Key, Match, Ref, Upsert, Value, host, keys_in, knowing, normalised

COMPANY = Key("account", "företag:1")
PERSON = Key("contact", "kund:Åsa")


def test_links_are_found_however_deep_they_lie() -> None:
    value: Value = {"users": (Ref(1), PERSON), "more": {"client": COMPANY, "partner": IfKnown(PERSON)}}
    assert list(keys_in(value)) == [PERSON, COMPANY, PERSON]


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (IfKnown(COMPANY), {"n": COMPANY}),
        (ClientOf(PERSON), {}),
        (ClientOf(Ref(7)), {"n": ClientOf(Ref(7))}),
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
        "the company of who is not known",
        "the company of whom Upsales knows",
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


def test_key_of_any_length_fits_and_stays_itself() -> None:
    ids = ["Ö" * length for length in range(1, 2001)]
    keys = [Key("account", each) for each in ids]

    assert len(set(keys)) == len(ids)
    assert all(0 < len(key.id) <= LONGEST for key in keys)
    assert [key.id for key in keys[:LONGEST]] == ids[:LONGEST]
    assert all(Key("account", key.id) == key for key in keys)


@pytest.mark.parametrize("text", ["nul\0", "halv \ud83d", "å" * 256])
def test_key_is_what_a_database_can_hold(text: str) -> None:
    assert Key("account", text).id.startswith("sha256:")


SPELT = {
    "name": ("Åkeri & Söner AB", "åkeri  &  SÖNER ab"),
    "email": ("Åsa.Öberg@Åkeri.example", " åsa.öberg@åkeri.example"),
    "orgNo": ("SE-599999é0012", "se599999É0012"),
    "articleNo": ("Ärta-1", "Ärta-1 "),
    "custom.NUMMER": ("Ö 1", "Ö 1"),
}


@pytest.mark.parametrize("field", SPELT)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_natural_key_is_one_however_its_letters_are_composed(field: str, form: str) -> None:
    one, other = SPELT[field]
    spelt: Any = form

    assert normalised(Match(field, unicodedata.normalize(spelt, other))) == normalised(Match(field, one))


def test_mailboxes_that_fold_alike_are_two() -> None:
    assert normalised(Match("email", "straße@example.com")) != normalised(Match("email", "strasse@example.com"))


@pytest.mark.parametrize(
    "webpage",
    [
        "öberg.se",
        "WWW.ÖBERG.SE",
        " https://www.öberg.se/ ",
        "http://öberg.se:8080/om?x=http://annan.se#topp",
        "//öberg.se#topp",
        "öberg.se/http://annan.se",
        "öberg.se?u=annan.se",
        "https://åsa:hemligt@öberg.se",
        "öberg.se.",
        "o\u0308berg.se",
        "www.xn--berg-4qa.se",
    ],
)
def test_a_web_page_is_its_host(webpage: str) -> None:
    assert host(webpage) == "öberg.se"


@example(text="0\r/")
@given(text=st.text())
def test_any_text_has_a_host_that_is_its_own_host(text: str) -> None:
    assert host(f"https://{host(text)}/") == host(host(text))
