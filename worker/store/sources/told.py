"""Looks up what is known already of things that were read of a sender's API."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Exists, and_, case, exists, func, select

from worker.store.db.sql import storable_key
from worker.store.db.tables import event_readings, events, readings

AT_ONCE = 400
NOT_DEAD = events.c.status != "dead"
WORKED = events.c.status.in_(("pending", "delivered", "superseded", "review"))
"""Of events that have brought what they tell, or will. What a rule ignored, a setting may have changed since."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of one thing. `changed`: when it last changed, as it said itself. `received`: the latest event for which it was there."""

    changed: datetime | None
    received: datetime | None


@dataclass(frozen=True, slots=True)
class Newest:
    """The last reading of a thing. `changed`: when it had last changed by then, as it said itself."""

    read_at: datetime
    changed: datetime | None
    there: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The latest that events of one subject and type tell.

    `said`: of those whose sender said when they happened. `unread`: of those for which nothing of the kind was read yet, or is kept, and
    `received`: when the last of these came. `seen`: what was read for them, by thing; `newest`: the last reading, for whomever.
    """

    said: datetime | None = None
    unread: datetime | None = None
    received: datetime | None = None
    seen: Mapping[str, Seen] = field(default_factory=dict)
    newest: Mapping[str, Newest] = field(default_factory=dict)


def told(
    conn: Connection,
    connection: str,
    kind: str,
    things: Mapping[str, str],
    counts: ColumnElement[bool],
) -> Mapping[str, Mapping[str, Told]]:
    """By subject and type. `things`: whose subjects are asked for, with these. `counts`: which events do."""
    found: dict[str, dict[str, Told]] = {}
    newest = _newest(conn, connection, kind, things)
    said = case((events.c.time != events.c.received_at, events.c.time))
    unread, received = (case((~_read(kind), column)) for column in (events.c.time, events.c.received_at))
    by = (events.c.subject, events.c.type)
    for some in _chunks(sorted(set(things.values()))):
        of_some = and_(events.c.connection == connection, events.c.subject.in_(some), counts)
        rows = conn.execute(
            select(
                *by,
                func.max(said).label("said"),
                func.max(unread).label("unread"),
                func.max(received).label("received"),
            )
            .where(of_some)
            .group_by(*by)
        )
        seen = _seen(conn, kind, of_some)
        for row in rows:
            mine = seen.get((row.subject, row.type), {})
            found.setdefault(row.subject, {})[row.type] = Told(row.said, row.unread, row.received, mine, newest)
    return found


def _seen(conn: Connection, kind: str, of_some: ColumnElement[bool]) -> Mapping[tuple[str, str], Mapping[str, Seen]]:
    """That a thing was not there tells nothing of it."""
    by = (events.c.subject, events.c.type, readings.c.thing)
    of_kind = and_(readings.c.kind == kind, readings.c.status == "read")
    rows = conn.execute(
        select(*by, func.max(readings.c.changed).label("changed"), func.max(events.c.time).label("received"))
        .join_from(events, event_readings, event_readings.c.event == events.c.id)
        .join(readings, readings.c.id == event_readings.c.reading)
        .where(of_some, of_kind)
        .group_by(*by)
    )
    found: dict[tuple[str, str], dict[str, Seen]] = {}
    for row in rows:
        found.setdefault((row.subject, row.type), {})[row.thing] = Seen(row.changed, row.received)
    return found


def _read(kind: str) -> Exists:
    """Whether something of the kind was read for the event."""
    linked = and_(event_readings.c.event == events.c.id, readings.c.id == event_readings.c.reading)
    return exists().where(linked, readings.c.kind == kind).correlate(events)


def _newest(conn: Connection, connection: str, kind: str, things: Collection[str]) -> Mapping[str, Newest]:
    """What an event that waits finds of these things, if it came before that was read."""
    found: dict[str, Newest] = {}
    for some in _chunks(sorted({storable_key(thing) for thing in things})):
        mine = and_(readings.c.connection == connection, readings.c.kind == kind, readings.c.thing.in_(some))
        last = select(readings.c.thing, func.max(readings.c.read_at).label("at")).where(mine).group_by(readings.c.thing)
        latest = last.subquery()
        is_last = and_(readings.c.thing == latest.c.thing, readings.c.read_at == latest.c.at)
        rows = conn.execute(select(readings).join(latest, is_last).where(mine))
        found |= {row.thing: Newest(row.read_at, row.changed, there=row.status == "read") for row in rows}
    return found


def there(
    conn: Connection, connection: str, event_ids: Collection[str], counts: ColumnElement[bool] | None = None
) -> frozenset[str]:
    """Those of these events that were stored before, whatever became of them, or that count."""
    found: set[str] = set()
    for some in _chunks(sorted(set(event_ids))):
        stored = and_(events.c.connection == connection, events.c.event_id.in_(some), events.c.replay == "")
        wanted = stored if counts is None else and_(stored, counts)
        found.update(conn.execute(select(events.c.event_id).where(wanted)).scalars())
    return frozenset(found)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
