"""Tells of one event: how it stands, why, and what comes next."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection
from ulid import ULID

from worker.admin.event_why import Line, why
from worker.admin.filters import fate_of
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.masking import Masking
from worker.admin.parts import Parts
from worker.admin.way_out import WayOut, way_out
from worker.sdk.request import Request
from worker.settings import Settings
from worker.store.events import events, standing
from worker.store.events.events import Event
from worker.store.events.standing import Standing
from worker.store.lanes import connections
from worker.store.lanes.connections import State
from worker.store.readings import readings
from worker.store.readings.readings import Reading

_ID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
MOST_BEHIND: Final = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """An event with what lies around it. `request`: what came, while that is kept; `readings`: what was read for it, by name. `lane`: the events that wait in its lane, in their order."""

    event: Event
    request: Request | None
    standing: Standing
    connection: State
    lane: Sequence[str]
    readings: Mapping[str, Reading] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`happened_at`: by the sender's word. `why`: line by line. `stored`: whether its request still is. `replays`: whether it was made to deliver an older one once more.

    `behind`: how many wait behind it, while it waits. `out`: what ends the pause of its connection, while that keeps it. `version`: changes whenever anything of this does.
    """

    id: str
    connection: str
    event_id: str
    type: str
    subject: str
    fate: str
    urgent: bool
    happened_at: datetime
    received_at: datetime
    done_at: datetime | None
    attempts: int
    claims: int
    next_attempt: datetime | None
    replays: bool
    reason: str | None
    note: str | None
    why: Sequence[Line]
    behind: int | None
    review_key: str | None
    candidates: Sequence[str]
    account: int | None
    connector: str | None
    stored: bool
    out: WayOut | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why there is nothing to tell of an id. `since`: when it was made, if it was made here."""

    since: datetime | None
    expired: bool
    kept_days: int


def find(parts: Parts, event_id: str, patience: float = PATIENCE) -> Known[Found | None]:
    """A value of None without a `why`: there is no such event."""
    if not _ID.fullmatch(event_id):
        return Known(None)
    return ask(parts.store, lambda conn: _found(conn, event_id), patience)


def unknown(settings: Settings, event_id: str, at: datetime) -> Unknown:
    """An id holds its own time."""
    keep = settings.delivery.keep_delivered
    try:
        since = ULID.from_str(event_id).datetime if _ID.fullmatch(event_id) else None
    except ValueError:
        since = None
    expired = since is not None and since < at - timedelta(seconds=keep)
    return Unknown(since, expired, round(keep / 86400))


def told(found: Found, settings: Settings, masking: Masking) -> Story:
    """`masking`: of its request, which was read before: what names people there names them in our sentences as well."""
    event = found.event
    configured = settings.connections.get(event.connection)
    place = found.lane.index(event.id) if event.id in found.lane else None
    standing_shown = replace(found.standing, reason=masking.sentence(found.standing.reason))
    story = Story(
        id=event.id,
        connection=event.connection,
        event_id=masking.id(event.event_id),
        type=masking.type(event.type),
        subject=masking.id(event.subject),
        fate=fate_of(event.status),
        urgent=event.priority,
        happened_at=event.time,
        received_at=event.received_at,
        done_at=event.done_at,
        attempts=event.attempts,
        claims=event.claims,
        next_attempt=event.next_attempt,
        replays=event.replay != "",
        reason=masking.sentence(event.reason),
        note=masking.sentence(event.note),
        why=why(standing_shown, found.connection, _fault(settings, event.connection), place),
        behind=None if place is None else len(found.lane) - place - 1,
        review_key=None if event.review_key is None else _key_shown(event, masking),
        candidates=[str(each) for each in event.candidates],
        account=found.connection.account,
        connector=None if configured is None else configured.connector.name,
        stored=found.request is not None,
        out=way_out(settings, found.connection) if found.standing.waits else None,
    )
    return replace(story, version=hashlib.sha256(repr(story).encode()).hexdigest()[:16])


def _found(conn: Connection, event_id: str) -> Found | None:
    event = events.get(conn, event_id)
    if event is None:
        return None
    (stands,) = standing.standings(conn, [event_id])
    waits = event.status == "pending"
    return Found(
        event=event,
        request=events.request_of(conn, event.request_id),
        standing=stands,
        connection=connections.get(conn, event.connection),
        lane=standing.behind(conn, event.connection, event.subject, MOST_BEHIND) if waits else (),
        readings=readings.of_events(conn, [event.id]).get(event.id, {}),
    )


def _fault(settings: Settings, connection: str) -> str | None:
    """What is wrong with the settings of a connection."""
    if connection in settings.misconfigured:
        return f"the connection is misconfigured: {settings.misconfigured[connection]}"
    return None if connection in settings.connections else "there is no such connection in the settings any more"


def _key_shown(event: Event, masking: Masking) -> str:
    key = event.review_key
    assert key is not None, "only one in review is asked"
    return f"{key.connection}:{key.resource}:{masking.id(key.id)}"
