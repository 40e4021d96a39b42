"""Text, names and amounts in the form Upsales keeps."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.upsales import SCHEMAS
from schemas.upsales.fields import utf16_length
from worker.plan import Resource, Stage, Value
from worker.sdk import mapping
from worker.sdk.mapping import block, clip, filled, money, person_name, rounded, split_name, stage

LENGTHS: list[tuple[Resource, str, int]] = [
    ("account", "name", mapping.ACCOUNT_NAME),
    ("account", "webpage", mapping.WEBPAGE),
    ("contact", "firstName", mapping.CONTACT_NAME),
    ("contact", "lastName", mapping.CONTACT_NAME),
    ("contact", "email", mapping.EMAIL),
    ("contact", "phone", mapping.PHONE),
    ("contact", "title", mapping.TITLE),
    ("activity", "description", mapping.DESCRIPTION),
    ("product", "articleNo", mapping.ARTICLE_NO),
]


@pytest.mark.parametrize(("resource", "field", "length"), LENGTHS)
def test_lengths_are_those_that_may_be_sent(resource: Resource, field: str, length: int) -> None:
    assert getattr(SCHEMAS[resource].fields[field], "longest", None) == length


@pytest.mark.parametrize(
    ("text", "length", "clipped"),
    [
        ("Åkeri & Söner AB", 100, "Åkeri & Söner AB"),
        ("  Åkeri \n &\tSöner  ", 100, "Åkeri & Söner"),
        ("Öst och väst, söder och norr", 20, "Öst och väst, söder…"),
        ("Öst och väst, söder", 14, "Öst och väst…"),
        ("Donaudampfschifffahrtsgesellschaft", 10, "Donaudamp…"),
        ("ab Donaudampfschifffahrtsgesellschaft", 10, "ab Donaud…"),
        ("åååå", 4, "åååå"),
        ("🚢🚢🚢", 5, "🚢🚢…"),
        ("", 5, ""),
    ],
)
def test_clip_cuts_between_words_and_shows_it(text: str, length: int, clipped: str) -> None:
    assert clip(text, length) == clipped


@given(st.text(), st.integers(2, 120))
def test_clipped_text_always_fits(text: str, length: int) -> None:
    clipped = clip(text, length)
    assert utf16_length(clipped) <= length
    assert clipped == clipped.strip()


@given(st.text())
def test_clipping_twice_is_clipping_once(text: str) -> None:
    assert clip(clip(text, 30), 30) == clip(text, 30)


def test_block_keeps_lines() -> None:
    assert block("\n\nHej!  \n\nMvh Åsa\n\n") == "Hej!\n\nMvh Åsa"
    assert block("å" * 20, 10) == "å" * 9 + "…"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Åsa Öberg", ("Åsa", "Öberg")),
        ("Åsa Maria Öberg", ("Åsa Maria", "Öberg")),
        ("Björn af Ugglas", ("Björn", "af Ugglas")),
        ("Lars von der Weiß", ("Lars", "von der Weiß")),
        ("von Trier", ("von", "Trier")),
        ("Öberg, Åsa Maria", ("Åsa Maria", "Öberg")),
        ("Madonna", ("Madonna", "")),
        ("  ", ("", "")),
        ("", ("", "")),
    ],
)
def test_name_is_split_where_a_last_name_begins(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_parts_of_a_name_count_more_than_the_whole() -> None:
    assert person_name("Åsa", None, "Björn Borg") == ("Åsa", "")
    assert person_name(None, "", "Björn Borg") == ("Björn", "Borg")
    assert person_name(None, None) == ("", "")


@pytest.mark.parametrize(
    ("said", "amount"),
    [("19.90", "19.90"), (19.9, "19.9"), (0.1, "0.1"), (None, "0"), (0, "0"), (Decimal("1.5"), "1.5")],
)
def test_money_is_the_digits_it_is_written_with(said: str | float | Decimal | None, amount: str) -> None:
    assert money(said) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "decimals", "result"),
    [("2.345", 2, "2.35"), ("-2.345", 2, "-2.35"), ("2.5", 0, "3"), ("1e30", 6, "1" + "0" * 30)],
)
def test_rounding_is_commercial(amount: str, decimals: int, result: str) -> None:
    assert rounded(Decimal(amount), decimals) == Decimal(result)


def test_filled_leaves_out_what_says_nothing() -> None:
    said: dict[str, Value] = {"a": None, "b": "", "c": (), "d": {}, "e": 0, "f": False, "g": Decimal(), "h": "å"}
    assert filled(said) == {"e": 0, "f": False, "g": Decimal(), "h": "å"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Vunnen", Stage(name="Vunnen")),
        (" 75 % ", Stage(probability=75)),
        ("100%", Stage(probability=100)),
        ("75% klar", Stage(name="75% klar")),
    ],
)
def test_stage_is_a_name_or_a_probability(text: str, meant: Stage) -> None:
    assert stage(text) == meant
