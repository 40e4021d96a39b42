"""Masks a text to its shape: enough to tell two of them apart, too little to know either."""

from __future__ import annotations

import re

DOT = "•"
NUMBER = re.compile(r"[\d\s+()./-]*\d[\d\s+()./-]*")
FEWEST_DIGITS = 6
KEPT_FRONT, KEPT_BACK = 3, 2


def shape(text: str) -> str:
    """`Å•••• (14)` of a text, `•@example.se` of an address, `556•••-••42` of a number."""
    name, at, domain = text.strip().rpartition("@")
    if at and name and domain and not re.search(r"\s", domain):
        return f"{DOT}@{domain}"
    digits = sum(each.isdigit() for each in text)
    if NUMBER.fullmatch(text) and digits >= FEWEST_DIGITS:
        return _number(text, digits)
    return f"{text.strip()[:1]}{DOT * 4} ({len(text)})" if text.strip() else text


def _number(text: str, digits: int) -> str:
    found, seen = [], 0
    for each in text:
        if each.isdigit():
            seen += 1
            found.append(each if seen <= KEPT_FRONT or seen > digits - KEPT_BACK else DOT)
        else:
            found.append(each)
    return "".join(found)
