"""Looks up what is known already of things that were read of a sender's API."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from worker.store.db.tables import events

AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Told:
    """The latest that events of one subject and type tell, those that are dead left out.

    `said`: of those whose sender said when they happened. `received`: of all; of the others it is when they came.
    """

    said: datetime | None
    received: datetime


def told(conn: Connection, connection: str, subjects: Collection[str]) -> Mapping[tuple[str, str], Told]:
    """By subject and type."""
    found: dict[tuple[str, str], Told] = {}
    said = case((events.c.time != events.c.received_at, events.c.time))
    for some in _chunks(sorted(set(subjects))):
        rows = conn.execute(
            select(
                events.c.subject, events.c.type, func.max(said).label("said"), func.max(events.c.time).label("received")
            )
            .where(events.c.connection == connection, events.c.subject.in_(some), events.c.status != "dead")
            .group_by(events.c.subject, events.c.type)
        )
        found |= {(row.subject, row.type): Told(row.said, row.received) for row in rows}
    return found


def there(conn: Connection, connection: str, event_ids: Collection[str]) -> frozenset[str]:
    """Those of these events that were stored before, whatever became of them."""
    found: set[str] = set()
    for some in _chunks(sorted(set(event_ids))):
        stored = and_(events.c.connection == connection, events.c.event_id.in_(some), events.c.replay == "")
        found.update(conn.execute(select(events.c.event_id).where(stored)).scalars())
    return frozenset(found)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
