"""Looks up what is known already of things that were read of a sender's API."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from worker.store.db.tables import events

AT_ONCE = 400
NOT_DEAD = events.c.status != "dead"
WORKED = events.c.status.in_(("pending", "delivered", "superseded", "review"))
"""Of events that have brought what they tell, or will. What a rule ignored, a setting may have changed since."""


@dataclass(frozen=True, slots=True)
class Told:
    """The latest that events of one subject and type tell.

    `said`: of those whose sender said when they happened. `received`: of all; of the others it is when they came.
    """

    said: datetime | None
    received: datetime


def told(
    conn: Connection, connection: str, subjects: Collection[str], counts: ColumnElement[bool]
) -> Mapping[str, Mapping[str, Told]]:
    """By subject and type. `counts`: which events do."""
    found: dict[str, dict[str, Told]] = {}
    said = case((events.c.time != events.c.received_at, events.c.time))
    for some in _chunks(sorted(set(subjects))):
        rows = conn.execute(
            select(
                events.c.subject, events.c.type, func.max(said).label("said"), func.max(events.c.time).label("received")
            )
            .where(events.c.connection == connection, events.c.subject.in_(some), counts)
            .group_by(events.c.subject, events.c.type)
        )
        for row in rows:
            found.setdefault(row.subject, {})[row.type] = Told(row.said, row.received)
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
