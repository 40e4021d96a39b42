"""What a record holds, masked: the form, numbers and days stay, texts do not."""

from __future__ import annotations

from typing import Any

import pytest

from worker.admin.shaped_values import shaped


@pytest.mark.parametrize(
    "value", [None, True, 0, 12400.5, "", "SEK", "2026-11-30", "2026-11-30T08:01:00.000Z", "0", "[erased]", "0f" * 16]
)
def test_what_tells_of_nobody_stays(value: Any) -> None:
    assert shaped(value) == value


@pytest.mark.parametrize("value", ["Anna Öst", "anna@exempel.se", "+46 70 123 45 67", "556012-5791", "ÅÄÖ", "Ring Bo"])
def test_a_text_is_its_shape(value: str) -> None:
    assert shaped(value) != value
    assert "•" in shaped(value)


def test_the_form_stays() -> None:
    rows = [{"productId": 7, "price": 10.5, "name": "Present till Anna"}, [None, "SEK", "Åsa"]]
    masked = shaped(rows)
    assert masked[0] | {"name": ""} == {"productId": 7, "price": 10.5, "name": ""}
    assert "Anna" not in str(masked)
    assert masked[1][:2] == [None, "SEK"]
    assert "Åsa" not in str(masked)
