"""From a request to its events, and from an event to its plan: everything a connector says, asked in one place."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from traceback import extract_tb
from typing import Any
from urllib.parse import parse_qs

from marshmallow import ValidationError

from worker.connector import Connector, Delivery, Event, Extract, Handles
from worker.errors import Failure, Rejected
from worker.plan import Ignored, Plan, Upsert
from worker.request import Request

LONGEST = 255
UNKNOWN = "unknown"
NO_RULE = Ignored("no rule for type")
MILLISECONDS = 100_000_000_000
"""Epoch numbers from here on (the year 5138 in seconds) are milliseconds."""

MOST_FORM_FIELDS = 10_000


class BadBody(Failure):
    """The body is not what this sender sends: answer 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
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


def rule_for(connector: Connector, event_type: str) -> Handles | Ignored | None:
    """How the connector treats a type: maps it, ignores it by a named rule, or doesn't know it."""
    if event_type in connector.handles:
        return connector.handles[event_type]
    pattern = next((each for each in sorted(connector.ignores) if fnmatchcase(event_type, each)), None)
    return Ignored(f"ignores {pattern}") if pattern else None


def read(
    connector: Connector, request: Request, *, mask: Callable[[str], str] = lambda _secret: "***"
) -> Sequence[Reading]:
    """The request's events, in order. Raises BadBody. `mask` replaces the secrets a sender writes into its payloads."""
    body = _parsed(connector, request.body)
    try:
        return tuple(_reading(connector, Delivery(request, part), mask) for part in connector.split(body))
    except RecursionError:
        raise BadBody(f"{connector.name}: the body is nested too deep") from None
    except Exception as error:  # noqa: BLE001 - a connector may be anybody's code; its door stays total
        raise BadBody(f"{connector.name}: the body can't be split into events ({_named(error)})") from None


def plan_event(connector: Connector, settings: Any, event: Event) -> Plan | Ignored:
    """What should be true in Upsales after this event. Its payload is as it was read; raises Rejected with one line."""
    rule = rule_for(connector, event.type)
    if not isinstance(rule, Handles):
        return rule or NO_RULE
    try:
        plan = rule.plan(replace(event, payload=rule.schema().load(event.payload)), settings)
    except ValidationError as error:
        raise Rejected(f"{event.type}: {explained(error.messages)}") from None
    except Rejected as error:
        raise Rejected(f"{event.type}: {error}") from None
    except Exception as error:  # noqa: BLE001 - whatever a mapping raises concerns this event only
        raise Rejected(f"{event.type}: the {connector.name} mapping raised {_named(error)}") from None
    if isinstance(plan, Ignored) or (isinstance(plan, tuple) and all(isinstance(each, Upsert) for each in plan)):
        return plan
    raise Rejected(f"{event.type}: the {connector.name} mapping answered no plan but {type(plan).__name__}")


def explained(messages: Any, most: int = 3) -> str:
    """Marshmallow's errors on one line: `customer.email: Not a valid email address`. Names fields, never values."""
    lines = sorted(_flat(messages, ""))
    more = f"; and {len(lines) - most} more" if len(lines) > most else ""
    return "; ".join(lines[:most]) + more


def _flat(messages: Any, path: str) -> list[str]:
    if isinstance(messages, dict):
        inner = (_flat(found, f"{path}.{step}" if path else str(step)) for step, found in messages.items())
        return [line for lines in inner for line in lines]
    texts = messages if isinstance(messages, list) else [messages]
    where = _line(path.removesuffix("_schema").rstrip("."))
    return [f"{where or 'payload'}: {_line(str(text)).rstrip('.')}" for text in texts]


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def _reading(connector: Connector, delivery: Delivery, mask: Callable[[str], str]) -> Reading:
    event_id = _extracted(connector.event_id, delivery)
    event_type = _extracted(connector.event_type, delivery)
    rule = rule_for(connector, event_type) if event_type else None
    handled = isinstance(rule, Handles)
    subject = _extracted(rule.subject, delivery) if isinstance(rule, Handles) else None
    missing = [
        name
        for name, found in (("id", event_id), ("type", event_type), ("subject", subject or not handled))
        if not found
    ]
    standing = event_id or _digest(json.dumps(delivery.payload, sort_keys=True))
    return Reading(
        id=standing,
        type=event_type or UNKNOWN,
        subject=subject or bounded(f"event:{standing}"),
        time=instant(_said(rule.time, delivery)) if isinstance(rule, Handles) else None,
        priority=isinstance(rule, Handles) and rule.priority,
        payload=storable(_masked(delivery.payload, connector.secret_fields, mask)),
        problem=f"{connector.name}: the request names no event {' and no '.join(missing)}" if missing else None,
    )


def _said(extract: Extract, delivery: Delivery) -> str | None:
    try:
        return extract(delivery) or None
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is missing
        return None


def _extracted(extract: Extract, delivery: Delivery) -> str | None:
    found = _said(extract, delivery)
    return bounded(found) if found else None


def bounded(text: str) -> str:
    """The text if a database and a URL can hold it, else a digest that stands for it."""
    storable = len(text) <= LONGEST and "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
    return text if storable else _digest(text)


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


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


def _parsed(connector: Connector, body: bytes) -> Any:
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


def _masked(payload: Any, paths: tuple[str, ...], mask: Callable[[str], str]) -> Any:
    for path in paths:
        payload = _masked_at(payload, path.split("."), mask)
    return payload


def _masked_at(value: Any, steps: list[str], mask: Callable[[str], str]) -> Any:
    if not steps:
        return mask(str(value))
    if not isinstance(value, dict) or steps[0] not in value:
        return value
    return {**value, steps[0]: _masked_at(value[steps[0]], steps[1:], mask)}


def _named(error: Exception) -> str:
    """The class of an exception and where it was raised; its text might hold what the sender wrote."""
    place = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name} ({place.filename.rpartition('/')[2]}:{place.lineno})"
