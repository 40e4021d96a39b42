"""Composes letters (NFC), in a time that grows with the length of the text alone."""

from __future__ import annotations

import unicodedata

MOST_MARKS = 30
"""Marks on one letter, as in https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format; no language has as many."""


def composed(text: str) -> str:
    """`å` as one character, also where it came as `a` and a ring. Marks beyond `MOST_MARKS` on one letter are left out.

    `unicodedata` sorts the marks of a letter in quadratic time: a megabyte of them stops the whole process for minutes.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", _with_few_marks(text))


def _with_few_marks(text: str) -> str:
    # Nearly every text has no mark at all, and looking for one in C is many times faster than the loop.
    if len(text) <= MOST_MARKS or not any(map(unicodedata.combining, text)):
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)
