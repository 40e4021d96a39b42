"""Tells names that machines made from those that may tell of a person."""

from __future__ import annotations

import re

from worker.logs.redaction import STARS

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TOKEN = re.compile(r"([A-Za-z]{1,8}[_-])?(?P<token>[A-Za-z0-9]{16,64})")
_TURN = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}|[1-9][0-9]{12,19}")
"""With eight to twelve digits it may be a telephone number or a personal number."""
_TYPE = re.compile(r"(?!.*[0-9]{5})[A-Za-z][A-Za-z0-9]*([._/:-][A-Za-z0-9]+)*")
LONGEST_TYPE = 64
TURNS = 3
"""From letters to digits or back: a name with a year of birth has one."""


def made_up(text: str) -> str | None:
    """A sender's id as it is, if it was drawn or counted; None if it may be somebody's name, address or number."""
    if _UUID.fullmatch(text) or _NUMBER.fullmatch(text):
        return text
    found = _TOKEN.fullmatch(text)
    return text if found and mixed(found["token"]) else None


def mixed(word: str) -> bool:
    """Whether letters and digits take turns in it as only a machine has them do."""
    return len(_TURN.findall(word)) >= TURNS


def type_name(text: str) -> str:
    """The type of an event as it is, or stars where that is no name of a type."""
    return text if len(text) <= LONGEST_TYPE and _TYPE.fullmatch(text) else STARS
