"""Shows what kind of text something was, and nothing of what it says."""

from __future__ import annotations

import re
from typing import Final

from worker.sdk.mapping.domains import is_private

DOT: Final = "•"
EMAIL: Final = re.compile(r"(?<![^\s@<>\"'(),;:])[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+\.[^\s@<>\"'(),;:.]+")
"""From the beginning of a word only: begun at each of its letters, a long word would take the square of its length."""
SHORT: Final = 3
"""So few letters are nobody's name, and all of a short text would be its first."""
COMMON: Final = ("com", "net", "org")
_DIGITS: Final = re.compile(r"[\d\s()+./-]*")
_LEAST, _MANY = 4, 9


def shape(text: str) -> str:
    """What may be seen of a text."""
    text = text.strip()
    if EMAIL.fullmatch(text):
        return _address(text)
    digits = sum(char.isdigit() for char in text)
    if digits >= _LEAST and _DIGITS.fullmatch(text):
        first, last = (3, digits - 2) if digits >= _MANY else (1, digits)
        return _digits(text, first, last)
    begins = text[0] if len(text) > SHORT and text[0].isalnum() else ""
    return f"{begins}{DOT * 4} ({len(text)})"


def _address(text: str) -> str:
    """Its domain may be a person's as well, unless it is that of a mail service."""
    domain = text.rpartition("@")[2].lower()
    if is_private(domain):
        return f"{DOT}@{domain}"
    label, _, suffix = domain.rpartition(".")
    return f"{DOT}@{label[:1]}{DOT * 3}.{suffix if len(suffix) < SHORT or suffix in COMMON else DOT * 3}"


def _digits(text: str, first: int, last: int) -> str:
    seen, made = 0, []
    for char in text:
        if char.isdigit():
            made.append(char if seen < first or seen >= last else DOT)
            seen += 1
        else:
            made.append(char)
    return "".join(made)
