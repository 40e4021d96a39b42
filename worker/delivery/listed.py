"""Tells whether an event brought what a sender's list shows, and what it shows whole; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.plan import bounded
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.read import BACKFILL, READ
from worker.sdk.request import Request
from worker.sdk.source import Changes, Occurred
from worker.store.db.sql import storable_key
from worker.store.sources.told import Newest, Told

CAUGHT_UP = "read:"
NO_REQUEST = Request(READ, "", (), b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One state of a thing, and the event that tells it. `stamp`: which state: when it `changed`, or a digest where the list doesn't say when.

    `own`: its id at the sender, where the list is one of events (`Changes.own_events`).
    """

    kind: str
    thing: str
    stamp: str
    type: str
    subject: str
    changed: datetime | None
    own: str | None = None

    @property
    def caught_up(self) -> str:
        """The id of its event where catching up brings it."""
        return self._id(CAUGHT_UP)

    @property
    def backfilled(self) -> str:
        return self._id(BACKFILL)

    def _id(self, begins: str) -> str:
        return bounded(self.own or f"{begins}{self.kind}:{self.thing}:{self.stamp}")


def brought(connector: Connector, shown: Shown, stored: frozenset[str], told: Mapping[str, Mapping[str, Told]]) -> bool:
    """Whether an event brought it already. `stored`: ids of events that count. `told`: what they tell, by subject and type."""
    return not stored.isdisjoint((shown.caught_up, shown.backfilled)) or _told(connector, shown, told)


def _told(connector: Connector, shown: Shown, told: Mapping[str, Mapping[str, Told]]) -> bool:
    """Whether one about the same thing is not older, and tells the same or has the thing read."""
    rule = connector.handles.get(shown.type)
    if rule is None or shown.changed is None or shown.own:
        # What one event of the sender's own tells no other one tells.
        return False
    for event_type, latest in told.get(shown.subject, {}).items():
        other = connector.handles.get(event_type)
        if other is None:
            continue
        is_read = any(get.kind == shown.kind for get in other.fetch)
        if not is_read and (other.schema is not rule.schema or other.plan is not rule.plan):
            continue
        at = _read_at(shown, shown.changed, latest) if is_read else latest.said
        if at is not None and at >= shown.changed:
            return True
    return False


def _read_at(shown: Shown, changed: datetime, latest: Told) -> datetime | None:
    """As of when its events had it read: what was read says it itself, before our clock says when they came.

    The sender's clock may be behind ours, and its API may have shown what was there before.
    """
    key = storable_key(shown.thing)
    if (
        latest.unread is not None
        and latest.unread >= changed
        and not _finds_less(changed, latest, latest.newest.get(key))
    ):
        return latest.unread
    seen = latest.seen.get(key)
    return None if seen is None else seen.changed or seen.received


def _finds_less(changed: datetime, latest: Told, newest: Newest | None) -> bool:
    """Whether what waits has nothing read anew, because that was read since it came, and shows less than the list."""
    if newest is None or latest.received is None or newest.read_at < latest.received:
        return False
    return not newest.there or (newest.changed is not None and newest.changed < changed)


def whole_for(
    connector: Connector, kind: str, changes: Changes, occurred: Occurred, thing: str, body: Any
) -> tuple[str, ...]:
    """The names under which the event's mapping finds the item itself, which need not be read for it."""
    if not changes.whole or _early(connector, kind, body):
        return ()
    rule = connector.handles.get(occurred.type)
    fetched = rule.fetch if isinstance(rule, Handles) else ()
    incoming = Incoming(NO_REQUEST, occurred.payload)
    return tuple(get.called for get in fetched if get.kind == kind and _found(get.id, incoming) == thing)


def own_id(connector: Connector, changes: Changes | None, occurred: Occurred) -> str | None:
    """The id under which its webhook would have been stored, where the list is one of events and the item has one."""
    if changes is None or not changes.own_events:
        return None
    return _found(connector.event_id, Incoming(NO_REQUEST, occurred.payload))


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
