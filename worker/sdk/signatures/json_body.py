"""Reads and sets fields of a JSON body by their dotted path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.sdk.request import Request
from worker.sdk.signatures.scheme import text_bytes


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the body, as a piece of what is signed."""

    path: str

    def __call__(self, request: Request, _now: datetime) -> bytes | None:
        return field_bytes(request.body, self.path)


def field_text(data: bytes, path: str) -> str | None:
    """A string or whole number as text; anything else is None."""
    *parents, name = path.split(".")
    value = (_object_at(_parsed(data), parents) or {}).get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def field_bytes(data: bytes, path: str) -> bytes | None:
    text = field_text(data, path)
    return None if text is None else text_bytes(text)


def with_field(data: bytes, path: str, text: str) -> bytes:
    whole = _parsed(data)
    *parents, name = path.split(".")
    inner = _object_at(whole, parents)
    if inner is None:
        raise ValueError(f"This body can't carry {path}: it must be JSON with an object to put it in.")
    inner[name] = text
    return json.dumps(whole).encode()


def _object_at(value: Any, path: Sequence[str]) -> dict[str, Any] | None:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):  # no JSON, no Unicode; nested too deep
        return None
