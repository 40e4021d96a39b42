"""Text of strangers is composed in a time that grows with its length alone."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.composed import MOST_MARKS, composed
from schemas.wire import printable
from worker.plan import Match, normalised, without_legal_form
from worker.sdk.mapping.contacts import email

MARKED = "a" + "\u0323\u030a" * 20_000
SECONDS = 1.0
"""What takes quadratic time takes several on any machine."""


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(composed, id="composed"),
        pytest.param(printable, id="printable"),
        pytest.param(without_legal_form, id="a company's name"),
        pytest.param(lambda text: normalised(Match("name", text)), id="a natural key"),
        pytest.param(lambda text: email(f"{text}@hallonbaten.example"), id="an e-mail address"),
    ],
)
def test_a_letter_with_ten_thousands_of_marks_is_soon_read(read: Callable[[str], object]) -> None:
    began = time.process_time()

    read(MARKED)

    assert time.process_time() - began < SECONDS


def test_marks_that_no_language_has_are_left_out() -> None:
    assert composed("x" + "\u0323" * 100 + "y") == "x" + "\u0323" * MOST_MARKS + "y"


@given(st.text(max_size=MOST_MARKS))
def test_what_people_write_is_composed_as_unicode_says(text: str) -> None:
    assert composed(text) == unicodedata.normalize("NFC", text)
