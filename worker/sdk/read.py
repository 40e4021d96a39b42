"""Reads the events out of a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

from worker.errors import Failure
from worker.plan import Ignored, bounded, digest
from worker.sdk.body import document
from worker.sdk.connector import BodyKind, Connector, Extract, Handles, Incoming
from worker.sdk.event_time import told
from worker.sdk.masked import masked
from worker.sdk.request import Request
from worker.sdk.route import named, rule_for, unknown
from worker.sdk.stream import LISTEN
from worker.sdk.version import version_of

MOST_EVENTS = 5_000
"""In one request. No sender's event is so small that a megabyte holds as many."""


READ = "READ"
"""The method of a stored request that was read of the sender's API, not sent by it. Its body is a JSON array of payloads, whatever the connector's
`body` and `split` are, and its events' types are those that were stored with them."""


class BadBody(Failure):
    """The body is not what this sender sends: answer 400."""


KINDS: Mapping[BodyKind, str] = {"json": "JSON", "form": "a form", "multipart": "a form with parts", "xml": "XML"}


def parsed(connector: Connector, body: bytes, kind: BodyKind | None = None) -> Any:
    """`kind`: where the body is another one than the connector's."""
    kind = kind or connector.body
    try:
        return document(kind, body, connector.json_fields, connector.bracketed)
    except (ValueError, RecursionError):  # what json and parse_qs raise; nested too deep
        raise BadBody(f"{connector.name}: the body is not {KINDS[kind]}") from None


def strict_json(body: bytes) -> Any:
    """Raises ValueError, and RecursionError for what is nested too deep."""
    return document("json", body)


def body_kind(connector: Connector, method: str) -> BodyKind:
    """What a stored request's body is: only what was posted is as the connector says."""
    return "json" if method in (READ, LISTEN) else connector.body


T = TypeVar("T")


def storable(value: T) -> T:
    """The JSON value without what PostgreSQL and UTF-8 can't hold: NUL, and halves of surrogate pairs."""
    return cast("T", _storable(value))


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in value.items()}
    return value


UNKNOWN = "unknown"
BACKFILL = "backfill:"
"""What the addresses of stored requests begin with that a backfill read: their events come behind live ones, and Upsales tells nobody of them.

The ids of their events do, too, but where the sender has given them one.
"""
RECONCILE = "reconcile:"
"""The same of what repairs what a comparison found."""
OVER_PEOPLE = "over-people"
"""What such an address ends with where people's changes are written over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvent:
    """One event as its request tells it.

    `time`: None is the time of receipt. `note`: why a time that was told doesn't count. `version`: the sender's own.
    `problem`: why it can't be delivered; id, type and subject are then stand-ins where the request names none (`missing`).
    `place`: where in the body it stands, as a JSON pointer.
    """

    id: str
    type: str
    subject: str
    time: datetime | None
    priority: bool
    payload: Any
    version: Decimal | None = None
    problem: str | None = None
    note: str | None = None
    missing: tuple[str, ...] = ()
    place: str = ""


def read(connector: Connector, request: Request) -> Sequence[ReadEvent]:
    """The request's events, in order, without the secrets a sender writes into its payloads. Raises BadBody."""
    found = _split(connector, request)
    if len(found) > MOST_EVENTS:
        raise BadBody(
            f"{connector.name}: the body holds {len(found)} events, and {MOST_EVENTS} at the most are taken: send them in several requests"
        )
    with _total(connector):
        return tuple(_reading(connector, delivery) for delivery in found)


def parts(connector: Connector, request: Request) -> Sequence[Incoming]:
    """What the request's events say, in order. Raises BadBody. For those whose ids, types and subjects were read before."""
    found = _split(connector, request)
    with _total(connector):
        return tuple(replace(delivery, payload=_payload(connector, delivery.payload)) for delivery in found)


def occurred(connector: Connector, event_id: str, event_type: str, payload: Any) -> ReadEvent:
    """What the payload says that a request of the method `READ` will hold: its id and type are known, and no header tells anything. Raises BadBody."""
    delivery = Incoming(Request(READ, "", (), b""), payload)
    with _total(connector):
        return _named(connector, delivery, bounded(event_id), bounded(event_type))


def _split(connector: Connector, request: Request) -> Sequence[Incoming]:
    if request.method == READ:
        return _read_on(connector, request)
    body = parsed(connector, request.body, body_kind(connector, request.method))
    with _total(connector):
        return tuple(
            Incoming(request, part, place="" if part is body else f"/{number}")
            for number, part in enumerate(connector.split(body))
        )


def _read_on(connector: Connector, request: Request) -> Sequence[Incoming]:
    found = parsed(connector, request.body, "json")
    if not isinstance(found, list):
        raise BadBody(f"{connector.name}: what was read of the sender's API is stored as an array, and this is none")
    return tuple(Incoming(request, part, place=f"/{number}") for number, part in enumerate(found))


@contextmanager
def _total(connector: Connector) -> Iterator[None]:
    """Whatever a connector raises is a BadBody."""
    try:
        yield
    except RecursionError:
        raise BadBody(f"{connector.name}: the body is nested too deep") from None
    except Exception as error:  # noqa: BLE001 - a connector may be anybody's code; its door stays total
        raise BadBody(f"{connector.name}: the body can't be split into events ({named(error)})") from None


def _payload(connector: Connector, part: Any) -> Any:
    return storable(masked(part, connector.secret_fields, lambda _secret: "***"))


def _reading(connector: Connector, delivery: Incoming) -> ReadEvent:
    return _named(
        connector, delivery, _extracted(connector.event_id, delivery), _extracted(connector.event_type, delivery)
    )


def _named(connector: Connector, delivery: Incoming, event_id: str | None, event_type: str | None) -> ReadEvent:
    rule = rule_for(connector, event_type) if event_type else None
    handles = rule if isinstance(rule, Handles) else None
    subject = _extracted(handles.subject, delivery) if handles else None
    named_all = {
        "id": event_id or isinstance(rule, Ignored),
        "type": event_type,
        "subject": subject or handles is None,
    }
    missing = tuple(what for what, found in named_all.items() if not found)
    stranger = unknown(connector, event_type) if event_type and rule is None else None
    time, note = told(_said(handles.time, delivery)) if handles else (None, None)
    standing = event_id or digest(json.dumps(delivery.payload, sort_keys=True))
    return ReadEvent(
        id=standing,
        type=event_type or UNKNOWN,
        subject=subject or bounded(f"event:{standing}"),
        time=time,
        priority=handles is not None and handles.priority,
        payload=_payload(connector, delivery.payload),
        version=version_of(handles, delivery) if handles else None,
        problem=_lacking(connector, delivery, missing) if missing else stranger,
        note=note,
        missing=missing,
        place=delivery.place,
    )


def _lacking(connector: Connector, delivery: Incoming, missing: Sequence[str]) -> str:
    explained = _said(connector.explains, delivery) if connector.explains else None
    plain = f"the request names no event {' and no '.join(missing)}"
    return f"{connector.name}: {explained or plain}"


def _said(extract: Extract, delivery: Incoming) -> str | None:
    try:
        return extract(delivery) or None
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is missing
        return None


def _extracted(extract: Extract, delivery: Incoming) -> str | None:
    found = _said(extract, delivery)
    return bounded(found) if found else None
