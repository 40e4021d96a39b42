"""What a loaded payload says at a place, and all of it as text to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from worker.mapping.text import block


def at(payload: Any, path: str) -> Any:
    """The value at a dotted path; None where something on the way is absent or null."""
    for step in path.split("."):
        payload = payload.get(step) if isinstance(payload, Mapping) else None
    return payload


def summary(payload: Any) -> str:
    """A line for each value there is: `visit place: Södra hallen`."""
    return block("\n".join(f"{' '.join(path)}: {text}" if path else text for path, text in _lines(payload, ())))


def _lines(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _lines(part, (*path, str(name).strip("_").replace("_", " ")))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value, 1):
            yield from _lines(part, (*path, str(number)))
    elif value is not None and (text := " ".join(_text(value).split())):
        yield path, text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
