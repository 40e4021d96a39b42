"""A phone number is one however people type it, and another one stays another one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.phone_numbers import e164, is_mobile, is_number, spellings

MOBILE = "+46701740605"
TYPED = (
    "0701740605", "070-174 06 05", "070-1740605", "070 174 06 05", "0701-74 06 05", "0701-740605", "070-17 40 605",
    "+46 70 174 06 05", "+46 701740605", "+4670-1740605", "+46 (0)70-174 06 05", "+46(0)701740605", "0046701740605", "46701740605",
)  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_what_people_type_is_asked_for_and_recognised(typed: str) -> None:
    assert typed in spellings(MOBILE)
    assert is_number(MOBILE, typed)


NUMBERS = ("+46701740605", "+4684650040", "+4631740123", "+4522123456", "+4722123456", "+358401234567", "+442071838750")


@given(st.sampled_from(NUMBERS))
def test_each_spelling_is_that_number_and_no_other(number: str) -> None:
    others = [other for other in NUMBERS if other[3:] != number[3:]]
    for spelling in spellings(number):
        assert is_number(number, spelling)
        assert "," not in spelling
        assert not any(is_number(other, spelling) for other in others)


@pytest.mark.parametrize(
    "typed",
    [
        "070-174 06 06",
        "174 06 05",
        "+45 70 17 40 60 5",
        "070-174 06 05 ankn. 12",
        "växeln",
        "",
        "0701740605 / 08-465 00 40",
    ],
)
def test_anything_else_is_another_number(typed: str) -> None:
    assert not is_number(MOBILE, typed)


def test_what_is_no_number_is_only_itself() -> None:
    assert spellings(" anonymous ") == ("anonymous",)
    assert is_number("anonymous", " anonymous ")
    assert not is_number("anonymous", "+46701740605")
    assert e164("anonymous") is None


def test_switchboard_is_no_mobile() -> None:
    assert is_mobile(MOBILE)
    assert not is_mobile("+4684650040")
    assert not is_mobile("anonymous")
