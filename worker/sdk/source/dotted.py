"""Finds what a dotted path leads to in JSON."""

from __future__ import annotations

import re
from typing import Any, Final

PLACE: Final = re.compile(r"-?[0-9]{1,6}")


def at(value: Any, path: str) -> Any:
    """What is there; None where there is nothing. A number counts into an array, below zero from its end. Without a path: the value."""
    for step in path.split(".") if path else ():
        value = _step(value, step)
    return value


def _step(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and PLACE.fullmatch(step) and -len(value) <= int(step) < len(value):
        return value[int(step)]
    return None
