"""Shows what was received for an event, masked, and which place of it told what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from marshmallow import Schema

from worker.admin.event import Found
from worker.admin.masking import Masking, SchemaAt, Shown, masked_body
from worker.sdk.connector import Connector, Extract, Handles, Incoming
from worker.sdk.mapping.extract import place_of
from worker.sdk.read import READ, BadBody, parts
from worker.sdk.request import Request
from worker.sdk.route import rule_for, schema_of
from worker.sdk.stream import LISTEN
from worker.settings import Settings
from worker.store.privacy.masking import ERASED
from worker.store.readings.readings import Reading

ALLOWED: Final = frozenset({"accept", "accept-encoding", "content-length", "content-type", "host", "user-agent"})
"""Headers that are shown; of others what their names and looks allow."""
PROOF: Final = re.compile(r"signature|hmac|secret|token|authorization|cookie|credential|password", re.IGNORECASE)
FINGERPRINT: Final = re.compile(r"(?:\w+ )?fingerprint:[0-9a-f]{12}")
LONGEST: Final = 200
NOTHING: Final = "nothing: this connector needs no more than what was sent"
UNVERIFIED: Final = "its webhook proves nothing, so it was unverified until fetched"
STATUSES: Final[Mapping[str, str]] = {
    "read": "read",
    "gone": "deleted at the sender",
    "never": "never existed there",
    "unread": "not read: no token is set",
}


@dataclass(frozen=True, slots=True)
class Header:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Read:
    """One attribute of the event, as it was read then, and where its connector found it in the request. None: it was not told, or that part is not stored."""

    what: str
    value: str
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadThing:
    """One thing of the sender's API that was read for the event. `body`: masked, unless who asks may see it; None of what is not there."""

    name: str
    kind: str
    id: str
    status: str
    read_at: datetime
    changed: datetime | None = None
    note: str | None = None
    body: str | None = None
    masked: int = 0
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """`size`: of the body in bytes. `body`: masked, unless who asks may see it; None when it is not kept, or is no JSON and no form.

    `gone`: why nothing is here. `fetched`: of the sender's API, and what that proves; `readings`: each thing. `masked`: how many values of the body. `whole`: whether nothing was cut off. `position`: of the event, in the body.
    """

    gone: str | None = None
    method: str | None = None
    path: str | None = None
    query: Sequence[Header] = ()
    headers: Sequence[Header] = ()
    kind: str | None = None
    size: int | None = None
    body: str | None = None
    masked: int = 0
    whole: bool = True
    position: int = 0
    read: Sequence[Read] = ()
    fetched: str = NOTHING
    readings: Sequence[ReadThing] = ()


def received(found: Found, settings: Settings, masking: Masking) -> Received:
    request, event = found.request, found.event
    if request is None:
        return Received(
            gone=_gone(found, settings), read=_read(found, None, None, masking), **_fetched(found, None, masking)
        )
    for known in (event.event_id, event.subject):
        masking.named.add("id", known)
    connection = settings.connections.get(event.connection)
    connector = None if connection is None else connection.connector
    kind = _kind(request, connector)
    deliveries = _deliveries(connector, request)
    shown = masked_body(request.body, kind, masking, _schemas(found, connector, deliveries))
    path, _, query = request.url.partition("?")
    return Received(
        method=request.method,
        path=_path(path),
        query=[Header(masking.name(name), masking.text(name, value)) for name, value in _pairs(query)],
        headers=[Header(name, _header(name, value, masking)) for name, value in request.headers],
        kind=shown.kind,
        size=len(request.body),
        body=_text(request, shown, masking),
        masked=shown.masked if masking.masks else 0,
        whole=shown.whole if shown.kind != "other" else masking.masks or len(request.body) <= masking.most,
        position=event.position,
        read=_read(found, connector, _of_event(found, deliveries), masking),
        **_fetched(found, connector, masking),
    )


def _fetched(found: Found, connector: Connector | None, masking: Masking) -> dict[str, Any]:
    """What was read of the sender's API, and what the connector would read."""
    things = [_thing(name, each, masking) for name, each in sorted(found.readings.items())]
    rule = rule_for(connector, found.event.type) if connector is not None else None
    wanted = [get.called for get in rule.fetch] if isinstance(rule, Handles) else []
    if things:
        told = ", ".join(f"{each.kind} {each.id}" for each in things)
    elif wanted:
        told = f"nothing yet: {', '.join(wanted)}"
    else:
        return {"fetched": NOTHING}
    proven = f"{told}; {UNVERIFIED}" if connector is not None and connector.unverified else told
    return {"fetched": proven, "readings": things}


def _thing(name: str, reading: Reading, masking: Masking) -> ReadThing:
    before = masking.number
    shown = None if reading.body is None else masked_body(reading.body, "json", masking)
    return ReadThing(
        name=name,
        kind=reading.kind,
        id=masking.id(reading.thing),
        status=STATUSES.get(reading.status, reading.status),
        read_at=reading.read_at,
        changed=reading.changed,
        note=masking.sentence(reading.note),
        body=None if shown is None else shown.text,
        masked=masking.number - before,
        whole=shown is None or shown.whole,
    )


def _gone(found: Found, settings: Settings) -> str:
    """Age and the erasure of a person are all that takes a request away before its event."""
    keep = min(settings.delivery.keep_payloads, settings.delivery.keep_delivered)
    age = (found.standing.now - found.event.received_at).total_seconds()
    if found.event.reason == ERASED or (age < keep and not found.event.replay):
        return "it was erased, because a person was"
    return f"it was deleted: what ended well is kept for {round(keep / 86400)} days"


def _kind(request: Request, connector: Connector | None) -> str:
    if request.method in (READ, LISTEN):
        return "json"
    if connector is not None:
        # What is nested in a form is not shown: nothing masks it.
        return "other" if connector.json_fields or connector.bracketed else connector.body
    form = (request.header("content-type") or "").lower().startswith("application/x-www-form-urlencoded")
    return "form" if form else "json"


def _deliveries(connector: Connector | None, request: Request) -> Sequence[Incoming]:
    if connector is None:
        return ()
    try:
        return parts(connector, request)
    except BadBody:
        return ()


def _of_event(found: Found, deliveries: Sequence[Incoming]) -> Incoming | None:
    position = found.event.position
    return deliveries[position] if position < len(deliveries) else None


def _schemas(found: Found, connector: Connector | None, deliveries: Sequence[Incoming]) -> SchemaAt | None:
    """The event's own schema, at the event's own place."""
    rule = rule_for(connector, found.event.type) if connector is not None else None
    if not isinstance(rule, Handles):
        return None
    own: Schema = schema_of(rule)
    delivery = _of_event(found, deliveries)
    place = None if delivery is None or not delivery.place else found.event.position
    return lambda at: own if at == place else None


def _path(url: str) -> str:
    """Without the host, which tells nothing."""
    return re.sub(r"^\w+://[^/]*", "", url)


def _pairs(query: str) -> Sequence[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True) if query else ()


def _header(name: str, value: str, masking: Masking) -> str:
    if FINGERPRINT.fullmatch(value):
        return value
    if PROOF.search(name):
        return f"•••• ({len(value)})"
    if name in ALLOWED:
        return (masking.sentence(value) or "")[:LONGEST]
    return masking.text(name, value)


def _text(request: Request, shown: Shown, masking: Masking) -> str | None:
    if shown.kind != "other":
        return shown.text
    return None if masking.masks else request.body.decode("utf-8", "replace")[: masking.most]


def _read(found: Found, connector: Connector | None, delivery: Incoming | None, masking: Masking) -> Sequence[Read]:
    event = found.event
    rule = rule_for(connector, event.type) if connector is not None else None
    handles = rule if isinstance(rule, Handles) else None
    # Of what was read of the sender's API the list tells id and type.
    was_read = found.request is not None and found.request.method == READ
    named = (None, None) if connector is None or was_read else (connector.event_id, connector.event_type)
    about = (None, None) if handles is None else (handles.subject, handles.time)
    told: Sequence[tuple[str, str, Extract | None]] = (
        ("id", masking.id(event.event_id), named[0]),
        ("type", masking.type(event.type), named[1]),
        ("subject", masking.id(event.subject), about[0]),
        ("time", event.time.isoformat(), about[1]),
    )
    return [Read(what, value, _place(extract, delivery)) for what, value, extract in told]


def _place(extract: Extract | None, delivery: Incoming | None) -> str | None:
    """None where it was not told, or nobody can tell any more."""
    if extract is None or delivery is None:
        return None
    try:
        return place_of(extract, delivery) if extract(delivery) else None
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is missing
        return None
