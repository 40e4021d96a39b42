"""Extracts ids, types, subjects and times from a request."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from worker.sdk.connector import Extract, Incoming


def header(name: str) -> Extract:
    return lambda delivery: delivery.request.header(name) or None


def field(path: str) -> Extract:
    """Text or a number of the payload, by dotted path; a number in the path counts into an array."""
    steps = path.split(".")

    def extract(delivery: Incoming) -> str | None:
        value = delivery.payload
        for step in steps:
            value = _inside(value, step)
        return _as_text(value)

    return extract


def constant(text: str) -> Extract:
    return lambda _delivery: text


def first_of(*extracts: Extract) -> Extract:
    """The first one that finds something."""
    return lambda delivery: next(filter(None, (extract(delivery) for extract in extracts)), None)


def joined(separator: str, *extracts: Extract) -> Extract:
    """All of them; nothing if one is missing."""

    def extract(delivery: Incoming) -> str | None:
        parts = [part(delivery) for part in extracts]
        found = [part for part in parts if part]
        return separator.join(found) if len(found) == len(parts) else None

    return extract


def digest_of(*extracts: Extract) -> Extract:
    """An id for a sender who gives none: equal fields make equal ids. None if all are missing."""

    def extract(delivery: Incoming) -> str | None:
        parts = [part(delivery) for part in extracts]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest() if any(parts) else None

    return extract


def last_part(of: Extract, separator: str = "/") -> Extract:
    """What stands after the last separator: the 42 of `gid://shop/Customer/42`."""
    return lambda delivery: (of(delivery) or "").rpartition(separator)[2] or None


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isascii() and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None
