"""Stores what was read of a sender's API, and for which events it was read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias

from sqlalchemy import Connection, Row, and_, delete, exists, func, select

from worker.sdk.read import storable
from worker.store.db.sql import insert, readable, storable_key
from worker.store.db.tables import event_readings, readings
from worker.store.readings import contents

Status: TypeAlias = Literal["read", "gone", "never", "unread"]
"""gone: deleted at the sender. never: it never existed there. unread: the connection has no token, and works without one."""

SOME = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One thing as the sender had it at `read_at`, by the database's clock, before it was asked for. `note`: why it is not there.

    `changed`: when it last changed, as far as its sender tells. `content`: the bytes of a file that was just read.
    """

    id: str
    connection: str
    kind: str
    thing: str
    status: Status
    body: bytes | None = None
    note: str | None = None
    changed: datetime | None = None
    read_at: datetime
    content: bytes | None = field(default=None, repr=False)

    @property
    def value(self) -> Any:
        return None if self.body is None else json.loads(self.body)


COLUMNS = tuple(column.name for column in readings.columns)


class Link(NamedTuple):
    """A reading stands for what the event needs under this name."""

    event: str
    name: str
    reading: str


def packed(body: Any) -> bytes:
    return json.dumps(storable(body), ensure_ascii=False).encode()


def of_events(conn: Connection, events: Collection[str]) -> Mapping[str, Mapping[str, Reading]]:
    """By event and name. One that was purged is not there any more."""
    found: dict[str, dict[str, Reading]] = {}
    for some in _some(sorted(events)):
        of_some = select(event_readings.c.event, event_readings.c.name, *readings.c).join_from(
            event_readings, readings, event_readings.c.reading == readings.c.id
        )
        for row in conn.execute(of_some.where(event_readings.c.event.in_(some)).order_by(readings.c.read_at)):
            found.setdefault(row.event, {})[row.name] = _reading(row)
    return found


def newest(conn: Connection, connection: str, kind: str, thing: str, since: datetime) -> Reading | None:
    """One that was read from then on."""
    same = (
        readings.c.connection == connection,
        readings.c.kind == kind,
        readings.c.thing == storable_key(thing),
        readings.c.read_at >= since,
    )
    row = conn.execute(select(readings).where(*same).order_by(readings.c.read_at.desc()).limit(1)).one_or_none()
    return None if row is None else _reading(row)


def store(conn: Connection, reading: Reading, links: Iterable[Link]) -> None:
    """With the events that it was read for: there is none without."""
    values = {name: getattr(reading, name) for name in COLUMNS}
    values |= {"thing": storable_key(reading.thing), "note": readable(reading.note)}
    conn.execute(readings.insert().values(**values))
    if reading.content is not None:
        contents.keep(conn, reading.id, reading.content)
    link(conn, links)


def link(conn: Connection, links: Iterable[Link]) -> None:
    """What stood under the name before counts no more."""
    rows = [each._asdict() for each in links]
    if rows:
        statement = insert(conn, event_readings)
        of = ["event", "name"]
        conn.execute(
            statement.on_conflict_do_update(index_elements=of, set_={"reading": statement.excluded.reading}), rows
        )


def copy(conn: Connection, events: Mapping[str, str]) -> None:
    """What was read for some events is there for others, too: replays."""
    for some in _some(sorted(events)):
        rows = conn.execute(select(event_readings).where(event_readings.c.event.in_(some))).all()
        link(conn, [Link(events[row.event], row.name, row.reading) for row in rows])


def drop(conn: Connection, events: Collection[str]) -> int:
    """Nothing is read for them any more. What no other event needs is deleted. Answers how many readings."""
    number = 0
    for some in _some(sorted(events)):
        gone = delete(event_readings).where(event_readings.c.event.in_(some)).returning(event_readings.c.reading)
        number += _orphans(conn, set(conn.execute(gone).scalars()))
    return number


def counts(conn: Connection, events: Collection[str]) -> Mapping[str, int]:
    """How many each of the events needed."""
    named = select(event_readings.c.event, func.count().label("number")).where(event_readings.c.event.in_(events))
    return {row.event: row.number for row in conn.execute(named.group_by(event_readings.c.event))}


def _orphans(conn: Connection, ids: Collection[str]) -> int:
    number = 0
    for some in _some(sorted(ids)):
        needed = exists().where(event_readings.c.reading == readings.c.id)
        gone = delete(readings).where(and_(readings.c.id.in_(some), ~needed)).returning(readings.c.id)
        found = conn.execute(gone).scalars().all()
        contents.forget(conn, found)
        number += len(found)
    return number


def _reading(row: Row[Any]) -> Reading:
    return Reading(**{name: getattr(row, name) for name in COLUMNS})


def _some(wanted: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(wanted), SOME):
        yield wanted[start : start + SOME]
