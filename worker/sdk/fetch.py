"""Says what an event needs to have read of its sender's API before it is mapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from worker.sdk.connector import Handles, Incoming
from worker.sdk.event_time import believed, instant
from worker.sdk.source import Absent, Get, Kind


def wanted(rule: Handles, incoming: Incoming, read: Mapping[str, Any]) -> tuple[Get, str] | None:
    """What is read next, and its id; None once there is nothing. `read`: what was read for it so far, as it came."""
    seen = with_read(incoming, read)
    for get in rule.fetch:
        if get.called not in read and (thing := _id(get, seen)):
            return get, thing
    return None


def with_read(incoming: Incoming, read: Mapping[str, Any]) -> Incoming:
    """As an extract sees it once that much is read."""
    return replace(incoming, read=there(read))


def there(read: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what was asked for and isn't there."""
    return {name: body for name, body in read.items() if not isinstance(body, Absent)}


def changed_in(kind: Kind, body: Any, read_at: datetime) -> datetime | None:
    """When a thing last changed, as its sender tells; None where it doesn't, or tells what can't be (`believed`)."""
    if kind.changed is None:
        return None
    for step in kind.changed.split("."):
        body = body.get(step) if isinstance(body, Mapping) else None
    told = None if body is None or isinstance(body, bool) else str(body)
    return believed(instant(told), read_at)[0]


def _id(get: Get, incoming: Incoming) -> str | None:
    try:
        return get.id(incoming)
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is not read
        return None
