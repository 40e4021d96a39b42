"""Nests the fields of a form whose names lead into each other: `data[merges][FNAME]`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

NESTED = re.compile(r"([^\[\]]*[^\[\]\s])((?:\[[^\[\]]*\])+)")
"""Not a label in which brackets stand, such as `Company [optional]`."""
STEP = re.compile(r"\[([^\[\]]*)\]")
DEEPEST = 10
"""Steps. A name that leads deeper stays as it is."""


def steps(name: str) -> tuple[str, ...]:
    """`("data", "merges", "FNAME")`; the name itself where it leads nowhere."""
    found = NESTED.fullmatch(name)
    inner = STEP.findall(found[2]) if found else []
    return (found[1], *inner) if found and len(inner) < DEEPEST else (name,)


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Each field where its name leads. What would stand in the place of another one stays under its whole name.

    `a[]` holds all values of that name, as a list. Numbers stay names: `a[0]` is `{"a": {"0": …}}`.
    """
    whole: dict[str, Any] = {}
    for name, value in sorted(fields.items(), key=lambda each: len(steps(each[0]))):
        *path, last = steps(name)
        listed = value if last or isinstance(value, list) else [value]
        if not _put(whole, [*path, last] if last else path, listed):
            whole[name] = listed
    return whole


def _put(whole: dict[str, Any], path: Sequence[str], value: Any) -> bool:
    place = whole
    for step in path[:-1]:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            return False
        place = inner
    if path[-1] in place:
        return False
    place[path[-1]] = value
    return True


def flat(fields: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """The form that reads as these fields."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        written = f"{within}[{name}]" if within else name
        found |= flat(value, written) if isinstance(value, Mapping) else {written: value}
    return found
