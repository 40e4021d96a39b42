"""Puts a mask in the place of what dotted paths lead to, wherever in a value they begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

_Steps: TypeAlias = tuple[str, ...]


def masked(value: Any, fields: Sequence[str], mask: Callable[[Any], str]) -> Any:
    """The JSON value with `mask` in place of what the fields' dotted paths lead to, wherever in the value a path begins."""
    paths = [tuple(field.split(".")) for field in fields]
    return _masked(value, paths, [], mask) if paths else value


def _masked(value: Any, paths: Sequence[_Steps], entered: Sequence[_Steps], mask: Callable[[Any], str]) -> Any:
    """`entered`: the steps that are left of each path that led here."""
    if () in entered:
        return mask(value)
    if isinstance(value, list):
        return [_masked(each, paths, entered, mask) for each in value]
    if isinstance(value, dict):
        steps = (*paths, *entered)
        return {
            name: _masked(each, paths, [path[1:] for path in steps if path[0] == name], mask)
            for name, each in value.items()
        }
    return value
