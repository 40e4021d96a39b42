"""Opens names with brackets, as PHP writes what is nested in a form: `fields[name][value]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
DEEPEST = 8


def opened(fields: Mapping[str, Any], roots: Sequence[str]) -> dict[str, Any]:
    """What is nested under one of `roots` as objects and lists. Any other name stays as it is: a label may hold brackets."""
    found: dict[str, Any] = {name: value for name, value in fields.items() if _steps(name, roots) is None}
    nested: dict[str, Any] = {}
    for name, value in fields.items():
        if steps := _steps(name, roots):
            _put(nested, steps, value)
    return found | {name: _listed(value) for name, value in nested.items()}


def closed(fields: Mapping[str, Any], roots: Sequence[str]) -> dict[str, Any]:
    """The other way round, as PHP's `http_build_query` does."""
    pairs: dict[str, Any] = {}
    for name, value in fields.items():
        pairs |= dict(_pairs(name, value)) if name in roots else {name: value}
    return pairs


def _pairs(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        if value is not None:
            yield name, value
        return
    for step, part in inner:
        yield from _pairs(f"{name}[{step}]", part)


def _steps(name: str, roots: Sequence[str]) -> list[str] | None:
    found = NAME.fullmatch(name)
    if found is None or found[1] not in roots:
        return None
    steps = found[2][1:-1].split("][")
    return [found[1], *steps] if len(steps) <= DEEPEST else None


def _put(into: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    """The last one counts where a name is a value and holds others, too."""
    for step in steps[:-1]:
        inner = into.get(step)
        if not isinstance(inner, dict):
            inner = into[step] = {}
        into = inner
    into[steps[-1]] = value


def _listed(value: Any) -> Any:
    """Lists where the names are places, or there is none: `chosen[]`."""
    if not isinstance(value, dict):
        return value
    if list(value) == [""]:
        return value[""] if isinstance(value[""], list) else [value[""]]
    parts = {name: _listed(part) for name, part in value.items()}
    return list(parts.values()) if parts and list(parts) == [str(place) for place in range(len(parts))] else parts
