"""Sees whether a body holds several events, and where."""

from __future__ import annotations

from typing import Any

from worker.sdk.connector import each, each_in

LISTS = ("events", "entry", "changes", "notifications", "messages", "webhooks", "deliveries", "messaging")
"""Names of arrays that hold events; an order's `items` and `lines` do not."""

ARRAY = "[]"
"""The body itself is an array of events."""


def batch_of(body: Any) -> str:
    """The dotted path of the array; empty where the body is one event."""
    if isinstance(body, list):
        return ARRAY
    steps: list[str] = []
    while (step := _list_in(body)) is not None:
        steps.append(step)
        body = body[step][0]
    return ".".join(steps)


def events_in(body: Any) -> list[Any]:
    """The parts that are events of their own, as the connector will split them."""
    found = batch_of(body)
    return list(each(body) if found in ("", ARRAY) else each_in(found)(body))


def _list_in(body: Any) -> str | None:
    lists = [name for name, value in body.items() if _holds_objects(value)] if isinstance(body, dict) else []
    named = [name for name in lists if name.casefold() in LISTS]
    return named[0] if len(named) == 1 else None


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)
