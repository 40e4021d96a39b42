"""Text of senders is kept without what nobody can see."""

from __future__ import annotations

import pytest

from schemas.wire import printable


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("\u202a070-174 06 05\u202c", "070-174 06 05"),
        ("Honungs\u00adfabriken\u200b AB\u2060", "Honungsfabriken AB"),
        ("\ufeffmarta@kupa.example\u200e", "marta@kupa.example"),
        ("första\nandra\tspalten", "första\nandra\tspalten"),
    ],
)
def test_what_comes_along_with_copied_text_is_left_out(told: str, kept: str) -> None:
    assert printable(told) == kept


@pytest.mark.parametrize("joined", ["\U0001f469\u200d\U0001f33e", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"])
def test_joiners_that_change_what_is_read_stay(joined: str) -> None:
    assert printable(joined) == joined
