"""Masks what may tell of a person in ids and reasons that are shown where nobody needs it.

A word is shown if it is on a list, never because it is not on one: so a connector that writes a name into a reason shows nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from worker.logs.machine_names import mixed
from worker.logs.vocabulary import IDS, REASONS

MASK: Final = "…"
LONGEST_REASON: Final = 200
LONGEST_ID: Final = 80
_OWN: Final = re.compile(r"\d{1,3}|[aes]|[A-Z][A-Za-z]*Error")
"""Statuses, counts and kinds of errors; an order number is a sender's word as well. The `s` of `key's`, the `e` of `e-mail`."""
_WORDS: Final = re.compile(r"[^\W_]+")
_AROUND: Final = re.compile(r"…(?:(?:[^\w…;·]|_)*…)+")
_CIVIC: Final = r"(?:(?:19|20)?\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]|[6-8]\d|9[01])|(?:[0-2]\d|3[01])(?:0[1-9]|1[0-2])\d\d)[-+ A]?\d{3,5}"
_PHONE: Final = r"(?:\+|0|4[5-7](?=\d{8})|358)\d[\d ()./-]{5,}\d"
_NUMBERS: Final = re.compile(rf"(?<!\w)(?:{_CIVIC}|{_PHONE})(?!\w)")
_CIVIC_NUMBER: Final = re.compile(_CIVIC)
_PIECES: Final = re.compile(
    rf"""
      (?P<email>[^\s:/|,;=]*(?:@|%40)\S*)
    | (?P<random>\b(?:[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}|[0-9a-f]{{24,}})\b)
    | (?P<civic>(?<!\w){_CIVIC}(?!\w))
    | (?P<phone>(?<!\w){_PHONE}(?!\w))
    | (?P<word>[^\W_]+)
    """,
    re.VERBOSE,
)
_RUNS: Final = re.compile(r"[^\W\d_]{3,}")
_LONG = 16


def reason_shown(reason: str) -> str:
    """Our own words of a reason; a mask for each sequence of others, on one line."""
    without = _NUMBERS.sub(MASK, " ".join(reason.split()))
    masked = _WORDS.sub(lambda found: found[0] if _own(found[0]) else MASK, without)
    return _bounded(_AROUND.sub(MASK, masked), LONGEST_REASON)


def id_shown(identifier: str) -> str:
    """An id without what may be an e-mail address, a name, a telephone number or a civic number."""
    masked = _PIECES.sub(_piece, " ".join(identifier.split()))
    return _bounded(_AROUND.sub(MASK, masked), LONGEST_ID)


def is_civic(text: str) -> bool:
    """Whether it may be a person's own number."""
    return _CIVIC_NUMBER.fullmatch(text) is not None


def numbers_somebody(text: str) -> bool:
    """Whether the whole of it may be somebody's telephone number or civic number."""
    return _NUMBERS.fullmatch(text) is not None


def _own(word: str) -> bool:
    return word in REASONS or _OWN.fullmatch(word) is not None


def _piece(found: re.Match[str]) -> str:
    text = found[0]
    match found.lastgroup:
        case "random":
            return text
        case "word":
            return text if len(text) >= _LONG and mixed(text) else _runs_masked(text, IDS)
        case _:
            return MASK


def _runs_masked(word: str, known: Collection[str]) -> str:
    """Two letters are nobody's name, so `K17` stays."""
    if word.isalpha() and len(word) > 1 and word not in known:
        return MASK
    return _RUNS.sub(lambda run: run[0] if run[0] in known else MASK, word)


def _bounded(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}{MASK}"
