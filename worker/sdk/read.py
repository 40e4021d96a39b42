"""Reads the events of a request."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from worker.errors import Failure
from worker.sdk.connector import Connector, Extract, Handles, Incoming
from worker.sdk.request import Request
from worker.sdk.route import named, rule_for, unknown

LONGEST = 255
MOST_FORM_FIELDS = 10_000


class BadBody(Failure):
    """The body is not what this sender sends: answer 400."""


def parsed(connector: Connector, body: bytes) -> Any:
    try:
        if connector.body == "form":
            pairs = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FORM_FIELDS, errors="strict")
            return {name: values[0] if len(values) == 1 else values for name, values in pairs.items()}
        return json.loads(body, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):  # what json and parse_qs raise; nested too deep
        raise BadBody(f"{connector.name}: the body is not {'a form' if connector.body == 'form' else 'JSON'}") from None


def _finite(text: str) -> float:
    """JSON has no NaN and no Infinity, and PostgreSQL takes none."""
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def storable(value: Any) -> Any:
    """The JSON value without what PostgreSQL and UTF-8 can't hold: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {storable(name): storable(each) for name, each in value.items()}
    return value


def masked(payload: Any, paths: tuple[str, ...], mask: Callable[[str], str]) -> Any:
    for path in paths:
        payload = _masked_at(payload, path.split("."), mask)
    return payload


def _masked_at(value: Any, steps: list[str], mask: Callable[[str], str]) -> Any:
    if not steps:
        return mask(str(value))
    if not isinstance(value, dict) or steps[0] not in value:
        return value
    return {**value, steps[0]: _masked_at(value[steps[0]], steps[1:], mask)}


def bounded(text: str) -> str:
    """The text if a database and a URL can hold it, else a digest that stands for it."""
    storable = len(text) <= LONGEST and "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
    return text if storable else digest(text)


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


UNKNOWN = "unknown"
MILLISECONDS = 100_000_000_000
"""Epoch numbers from here on (the year 5138 in seconds) are milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvent:
    """One event as its request tells it. `time`: None is the time of receipt.

    `problem`: why it can't be delivered; id, type and subject are then stand-ins where the request names none.
    """

    id: str
    type: str
    subject: str
    time: datetime | None
    priority: bool
    payload: Any
    problem: str | None = None


def read(
    connector: Connector, request: Request, *, mask: Callable[[str], str] = lambda _secret: "***"
) -> Sequence[ReadEvent]:
    """The request's events, in order. Raises BadBody. `mask` replaces the secrets a sender writes into its payloads."""
    body = parsed(connector, request.body)
    try:
        return tuple(_reading(connector, Incoming(request, part), mask) for part in connector.split(body))
    except RecursionError:
        raise BadBody(f"{connector.name}: the body is nested too deep") from None
    except Exception as error:  # noqa: BLE001 - a connector may be anybody's code; its door stays total
        raise BadBody(f"{connector.name}: the body can't be split into events ({named(error)})") from None


def _reading(connector: Connector, delivery: Incoming, mask: Callable[[str], str]) -> ReadEvent:
    event_id = _extracted(connector.event_id, delivery)
    event_type = _extracted(connector.event_type, delivery)
    rule = rule_for(connector, event_type) if event_type else None
    handles = rule if isinstance(rule, Handles) else None
    subject = _extracted(handles.subject, delivery) if handles else None
    named_all = {"id": event_id, "type": event_type, "subject": subject or handles is None}
    missing = " and no ".join(what for what, found in named_all.items() if not found)
    stranger = unknown(connector, event_type) if event_type and rule is None else None
    standing = event_id or digest(json.dumps(delivery.payload, sort_keys=True))
    return ReadEvent(
        id=standing,
        type=event_type or UNKNOWN,
        subject=subject or bounded(f"event:{standing}"),
        time=instant(_said(handles.time, delivery)) if handles else None,
        priority=handles is not None and handles.priority,
        payload=storable(masked(delivery.payload, connector.secret_fields, mask)),
        problem=f"{connector.name}: the request names no event {missing}" if missing else stranger,
    )


def _said(extract: Extract, delivery: Incoming) -> str | None:
    try:
        return extract(delivery) or None
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is missing
        return None


def _extracted(extract: Extract, delivery: Incoming) -> str | None:
    found = _said(extract, delivery)
    return bounded(found) if found else None


def instant(text: str | None) -> datetime | None:
    """ISO 8601 text (UTC where it names no zone) or epoch seconds or milliseconds. What is neither is no time."""
    try:
        number = float(text or "")
    except ValueError:
        number = None
    try:
        if number is not None:
            return datetime.fromtimestamp(number / 1000 if abs(number) >= MILLISECONDS else number, UTC)
        time = datetime.fromisoformat((text or "").strip())
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
