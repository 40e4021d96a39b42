"""Makes of an item in a sender's list the event that its webhook would have told; pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ulid import ULID

from worker.errors import NotAsDeclared
from worker.plan import bounded, digest
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.event_time import instant
from worker.sdk.first_status import LONGEST_REASON, first_status
from worker.sdk.mapping import field
from worker.sdk.masked import masked
from worker.sdk.read import READ, UNKNOWN, BadBody, occurred, storable
from worker.sdk.request import Request
from worker.sdk.route import named
from worker.sdk.source import Changes, Occurred
from worker.store.db.sql import storable_key
from worker.store.events.arrival import NewEvent
from worker.store.sources.told import Newest, Told

_NO_REQUEST = Request(READ, "", (), b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What an item stands for. `payload`: of the event, as JSON text. `body`: the item itself. `gets`: the names under which the event's mapping finds it.

    `changed`: None where the item doesn't say it as declared; then the event is dead.
    """

    kind: str
    thing: str
    changed: datetime | None
    event: NewEvent
    payload: str
    body: Any
    gets: tuple[str, ...] = ()


def item_of(connector: Connector, kind: str, changes: Changes, body: Any) -> Item | None:
    """None for what concerns nobody. What is not as declared is an event, too, and dead: it says which field is wrong."""
    thing = _text(changes.id, body)
    try:
        told = _told(kind, changes, body)
        return None if told is None else _item(connector, kind, changes, body, thing, told)
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


def _item(connector: Connector, kind: str, changes: Changes, body: Any, thing: str | None, told: Occurred) -> Item:
    if thing is None:
        raise NotAsDeclared(f"{kind}: an item of the list has no id at {changes.id!r}")
    changed = instant(_text(changes.changed, body))
    if changed is None:
        raise NotAsDeclared(f"{kind}: an item of the list has no time at {changes.changed!r}")
    event_id = bounded(f"read:{kind}:{thing}:{changed.isoformat()}")
    try:
        reading = occurred(connector, event_id, told.type, told.payload)
    except BadBody as failure:
        raise NotAsDeclared(f"{kind}: {failure}") from None
    status, reason, code = first_status(connector, reading)
    event = NewEvent(
        id=str(ULID()),
        event_id=event_id,
        type=reading.type,
        subject=reading.subject,
        time=reading.time or changed,
        priority=reading.priority,
        status=status,
        reason=reason,
        code=code,
        note=reading.note if reading.time else None,
    )
    return Item(
        kind=kind,
        thing=thing,
        changed=changed,
        event=event,
        payload=_written(kind, reading.payload),
        body=body,
        gets=_gets(connector, told, kind, thing) if changes.whole and not _early(connector, kind, body) else (),
    )


def _gets(connector: Connector, told: Occurred, kind: str, thing: str) -> tuple[str, ...]:
    """What need not be read for the event, because the item is it."""
    rule = connector.handles.get(told.type)
    fetched = rule.fetch if isinstance(rule, Handles) else ()
    incoming = Incoming(_NO_REQUEST, told.payload)
    return tuple(get.called for get in fetched if get.kind == kind and _found(get.id, incoming) == thing)


def _early(connector: Connector, kind: str, body: Any) -> bool:
    """Whether it is not complete yet: then it is read when its event is delivered."""
    declared = connector.source.kinds.get(kind) if connector.source else None
    if declared is None or declared.early is None:
        return False
    try:
        return declared.early(body) is not None
    except Exception:  # noqa: BLE001 - a connector may be anybody's code
        return True


def _found(extract: Any, incoming: Incoming) -> str | None:
    try:
        found: str | None = extract(incoming)
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is read
        return None
    return found


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
    event_id = bounded(f"read:{kind}:{thing or '?'}:{digest(payload)}")
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
    return field(path)(Incoming(_NO_REQUEST, body))


def told_already(connector: Connector, item: Item, told: Mapping[tuple[str, str], Told], newest: Newest | None) -> bool:
    """Whether a webhook brought what the item shows: one about the same thing that is not older, and that tells the same or has it read."""
    rule = connector.handles.get(item.event.type)
    if rule is None or item.changed is None:
        return False
    for (subject, event_type), latest in told.items():
        other = connector.handles.get(event_type)
        if subject != item.event.subject or other is None:
            continue
        if any(get.kind == item.kind for get in other.fetch):
            at = _read_at(item, item.changed, latest, newest)
        else:
            at = latest.said if other.schema is rule.schema else None
        if at is not None and at >= item.changed:
            return True
    return False


def _read_at(item: Item, changed: datetime, latest: Told, newest: Newest | None) -> datetime | None:
    """As of when its webhooks had it read: what was read says it itself, before our clock says when they came.

    The sender's clock may be behind ours, and its API may have shown what was there before.
    """
    if latest.unread is not None and latest.unread >= changed and not _finds_less(changed, latest, newest):
        return latest.unread
    shown = latest.shown.get(storable_key(item.thing))
    return None if shown is None else shown.changed or shown.received


def _finds_less(changed: datetime, latest: Told, newest: Newest | None) -> bool:
    """Whether what waits has nothing read anew, because that was read since it came, and shows less than the list."""
    if newest is None or latest.received is None or newest.read_at < latest.received:
        return False
    return not newest.there or (newest.changed is not None and newest.changed < changed)


def fresh_of(
    connector: Connector,
    items: Sequence[Item],
    stored: Collection[str],
    told: Mapping[tuple[str, str], Told],
    newest: Mapping[str, Newest],
) -> Sequence[Item]:
    """Those that are to be stored: each once, and none that came before. `stored`: ids of events that there are."""
    found: dict[str, Item] = {}
    by_subject: dict[str, dict[tuple[str, str], Told]] = {}
    for key, latest in told.items():
        by_subject.setdefault(key[0], {})[key] = latest
    for item in items:
        name = item.event.event_id
        mine = by_subject.get(item.event.subject, {})
        if name not in stored and not told_already(connector, item, mine, newest.get(storable_key(item.thing))):
            found.setdefault(name, item)
    return list(found.values())
