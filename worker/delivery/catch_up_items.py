"""Makes of an item in a sender's list the event that its webhook would have told; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ulid import ULID

from worker.delivery.listed import CAUGHT_UP, NO_REQUEST, Shown, brought, own_id, whole_for
from worker.errors import NotAsDeclared
from worker.plan import bounded, digest
from worker.sdk.connector import Connector, Incoming
from worker.sdk.event_time import instant
from worker.sdk.first_status import LONGEST_REASON
from worker.sdk.mapping import field
from worker.sdk.masked import masked
from worker.sdk.read import UNKNOWN, BadBody, occurred, storable
from worker.sdk.route import named
from worker.sdk.source import Changes, Occurred
from worker.store.events.arrival import NewEvent, new_event
from worker.store.sources.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What an item stands for. `payload`: of the event, as JSON text. `body`: the item itself. `gets`: the names under which the event's mapping finds it.

    `changed`: None where the item doesn't say it as declared; then the event is dead. `own`: its id is the sender's own, by which alone it is known.
    """

    kind: str
    thing: str
    changed: datetime | None
    event: NewEvent
    payload: str
    body: Any
    gets: tuple[str, ...] = ()
    own: str | None = None

    @property
    def shown(self) -> Shown:
        return _shown(self.kind, self.thing, self.changed, self.event.type, self.event.subject, self.own)


def item_of(connector: Connector, kind: str, changes: Changes, body: Any, read_at: datetime) -> Item | None:
    """None for what concerns nobody. What is not as declared is an event, too, and dead: it says which field is wrong.

    `read_at`: when the list was asked for, and so as of when an item counts whose list does not say when it changed.
    """
    thing = _text(changes.id, body)
    try:
        told = _told(kind, changes, body)
        return None if told is None else _item(connector, kind, changes, body, thing, told, read_at)
    except NotAsDeclared as failure:
        return _dead(connector, kind, body, thing, failure)


def _told(kind: str, changes: Changes, body: Any) -> Occurred | None:
    try:
        told = changes.event(body)
    except Exception as error:  # noqa: BLE001 - a connector may be anybody's code; what it raises concerns this item only
        raise NotAsDeclared(f"{kind}: Changes.event raised {named(error)}") from None
    if told is not None and not isinstance(told, Occurred):
        raise NotAsDeclared(f"{kind}: Changes.event answered no Occurred but {type(told).__name__}")
    return told


def _item(
    connector: Connector, kind: str, changes: Changes, body: Any, thing: str | None, told: Occurred, read_at: datetime
) -> Item:
    if thing is None:
        raise NotAsDeclared(f"{kind}: an item of the list has no id at {changes.id!r}")
    changed = instant(_text(changes.changed, body)) if changes.changed else read_at
    if changed is None:
        raise NotAsDeclared(f"{kind}: an item of the list has no time at {changes.changed!r}")
    own = own_id(connector, changes, told)
    if changes.own_events and not own:
        raise NotAsDeclared(f"{kind}: an item of the list has no event id of its own")
    event_id = _shown(kind, thing, changed, told.type, own=own).caught_up
    try:
        reading = occurred(connector, event_id, told.type, told.payload)
    except BadBody as failure:
        raise NotAsDeclared(f"{kind}: {failure}") from None
    event = new_event(connector, reading, reading.note if reading.time else None)
    return Item(
        kind=kind,
        thing=thing,
        changed=changed,
        event=replace(event, time=reading.time or changed),
        payload=_written(kind, reading.payload),
        body=body,
        gets=whole_for(connector, kind, changes, told, thing, body),
        own=own,
    )


def _written(kind: str, payload: Any) -> str:
    try:
        return json.dumps(payload, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise NotAsDeclared(f"{kind}: Changes.event answered a payload that is no JSON") from None


def _dead(connector: Connector, kind: str, body: Any, thing: str | None, failure: NotAsDeclared) -> Item:
    try:
        shown = storable(masked(body, connector.secret_fields, lambda _secret: "***"))
        payload = json.dumps(shown, ensure_ascii=False, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        payload = "null"
    event_id = bounded(f"{CAUGHT_UP}{kind}:{thing or '?'}:{digest(payload)}")
    event = NewEvent(
        id=str(ULID()),
        event_id=event_id,
        type=UNKNOWN,
        subject=bounded(f"event:{event_id}"),
        time=None,
        status="dead",
        reason=storable(str(failure))[:LONGEST_REASON],
        code=failure.code,
    )
    return Item(kind=kind, thing=thing or "", changed=None, event=event, payload=payload, body=body)


def _text(path: str, body: Any) -> str | None:
    return field(path)(Incoming(NO_REQUEST, body))


def fresh_of(
    connector: Connector,
    items: Sequence[Item],
    stored: frozenset[str],
    told: Mapping[str, Mapping[str, Told]],
) -> Sequence[Item]:
    """Those that are to be stored: each once, and none that came before. `stored`: ids of events that there are."""
    found: dict[str, Item] = {}
    for item in items:
        name = item.event.event_id
        if name not in stored and not brought(connector, item.shown, stored, told):
            found.setdefault(name, item)
    return list(found.values())


def ids_of(items: Sequence[Item]) -> Sequence[str]:
    """Under which what they show may be stored."""
    return [each for item in items for each in (item.event.event_id, item.shown.backfilled)]


def _shown(
    kind: str, thing: str, changed: datetime | None, event_type: str, subject: str = "", own: str | None = None
) -> Shown:
    stamp = "" if changed is None else changed.isoformat()
    return Shown(kind=kind, thing=thing, stamp=stamp, type=event_type, subject=subject, changed=changed, own=own)
