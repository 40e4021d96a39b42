"""Finds the bytes of one member of a JSON object, as the sender wrote them."""

from __future__ import annotations

import json
import re
from json import JSONDecoder
from typing import Final

DECODER: Final = JSONDecoder()
BLANKS: Final = re.compile(r"[ \t\n\r]*")


def member_bytes(data: bytes, name: str) -> bytes | None:
    """The value's own bytes. None where the body is no object in UTF-8, or does not hold the member just once.

    Nothing is written again: who signs these bytes has blanks, escapes and numbers of their own.
    """
    try:
        text = data.decode()
        found = [text[start:end] for key, start, end in _members(text) if key == name]
    except (ValueError, RecursionError):  # no UTF-8, no JSON; nested too deep
        return None
    return found[0].encode() if len(found) == 1 else None


def _members(text: str) -> list[tuple[str, int, int]]:
    """Each member of the object, with where its value begins and ends. Raises ValueError."""
    members: list[tuple[str, int, int]] = []
    place = _after(text, "{", 0)
    while not _is(text, "}", place):
        if members:
            place = _after(text, ",", place)
        key, place = DECODER.raw_decode(text, _skipped(text, place))
        start = _skipped(text, _after(text, ":", place))
        _, place = DECODER.raw_decode(text, start)
        members.append((key if isinstance(key, str) else "", start, place))
    return members


def _skipped(text: str, place: int) -> int:
    found = BLANKS.match(text, place)
    return found.end() if found else place


def _is(text: str, mark: str, place: int) -> bool:
    return text.startswith(mark, _skipped(text, place))


def _after(text: str, mark: str, place: int) -> int:
    place = _skipped(text, place)
    if text[place : place + 1] != mark:
        raise json.JSONDecodeError(f"no {mark}", text, place)
    return place + 1
