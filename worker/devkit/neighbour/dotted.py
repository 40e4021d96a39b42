"""Reads and writes JSON values by dotted paths."""

from __future__ import annotations

from typing import Any


def at(value: Any, path: str) -> Any:
    """What the path leads to; the value itself for an empty path, None where it leads nowhere."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def put(value: Any, path: str, new: Any) -> Any:
    """The value with `new` where the path leads; objects on the way are made. Nothing that was given is changed."""
    if not path:
        return new
    step, _, rest = path.partition(".")
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        number = int(step)
        return [*value[:number], put(value[number], rest, new), *value[number + 1 :]]
    inside = value if isinstance(value, dict) else {}
    return {**inside, step: put(inside.get(step), rest, new)}


def without(value: Any, path: str) -> Any:
    """The value without what the path leads to."""
    step, _, rest = path.partition(".")
    if not isinstance(value, dict) or step not in value:
        return value
    if rest:
        return {**value, step: without(value[step], rest)}
    return {name: each for name, each in value.items() if name != step}
