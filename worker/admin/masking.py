"""Masks texts to their shape: enough to recognise a value, too little to learn it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any

HIDDEN: Final = "•"
ADDRESS: Final = re.compile(r"[^\s@]+@(?P<domain>[^\s@]+)")
NUMBER: Final = re.compile(r"[+\d][\d\s()./+-]*\d")
FEWEST: Final = 8
"""Digits, of which the first three and the last two show."""
PLAIN: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|[A-Z]{3}|[01]|[0-9a-f]{32}|")
"""Days and times, currencies, yes and no, our own markers, nothing."""


def shape(text: str) -> str:
    """`Å•••• (14)`, `•@example.se`, `556•••-••42`. Of what is plain: itself."""
    if PLAIN.fullmatch(text):
        return text
    address = ADDRESS.fullmatch(text.strip())
    if address:
        return f"{HIDDEN}@{address['domain']}"
    if NUMBER.fullmatch(text.strip()):
        return _number(text.strip())
    return f"{text[0]}{HIDDEN * 4} ({len(text)})" if len(text) > 2 else HIDDEN * len(text)


def shaped(value: Json) -> Json:
    """Every text of a value; numbers, ids and the form stay."""
    if isinstance(value, str):
        return shape(value)
    if isinstance(value, Mapping):
        return {name: shaped(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [shaped(part) for part in value]
    return value


def _number(text: str) -> str:
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    shown = {*places[:3], *places[-2:]} if len(places) >= FEWEST else set[int]()
    return "".join(HIDDEN if place in places and place not in shown else sign for place, sign in enumerate(text))
