"""Groups dead letters by why they died, where they came from and what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeAlias

from sqlalchemy import BigInteger, Connection, func, literal_column, select

from worker.store.db.tables import EPOCH, events
from worker.store.events.chosen import Chosen

DIED_ON = literal_column("events.done_at / 86400000000", BigInteger())
"""Days since the epoch."""

Name: TypeAlias = tuple[str | None, str, str]
"""Code of the reason, connection, type."""


@dataclass(slots=True)
class Group:
    """`days`: how many died on which day (UTC). `newest`: the seq of the one that came last; `reason`: its own words."""

    code: str | None
    connection: str
    type: str
    count: int
    first: datetime
    last: datetime
    newest: int
    days: dict[date, int] = field(default_factory=dict)
    event: str = ""
    reason: str | None = None


def groups(conn: Connection, chosen: Chosen) -> Sequence[Group]:
    """The largest first."""
    name = (events.c.reason_code, events.c.connection, events.c.type)
    statement = (
        select(
            *name,
            DIED_ON.label("day"),
            func.count().label("number"),
            func.min(events.c.done_at).label("first"),
            func.max(events.c.done_at).label("last"),
            func.max(events.c.seq).label("newest"),
        )
        .where(*replace(chosen, status=("dead",)).clauses())
        .group_by(*name, DIED_ON)
    )
    found: dict[Name, Group] = {}
    for row in conn.execute(statement):
        day = (EPOCH + timedelta(days=int(row.day))).date()
        key = (row.reason_code, row.connection, row.type)
        group = found.setdefault(key, Group(*key, 0, row.first, row.last, row.newest))
        group.count += row.number
        group.first, group.last = min(group.first, row.first), max(group.last, row.last)
        group.newest = max(group.newest, row.newest)
        group.days[day] = row.number
    examples = _examples(conn, [group.newest for group in found.values()])
    for group in found.values():
        group.event, group.reason = examples[group.newest]
    return sorted(found.values(), key=lambda group: (-group.count, group.connection, group.type, group.code or ""))


def _examples(conn: Connection, seqs: Sequence[int]) -> Mapping[int, tuple[str, str | None]]:
    rows = conn.execute(select(events.c.seq, events.c.id, events.c.reason).where(events.c.seq.in_(seqs)))
    return {row.seq: (row.id, row.reason) for row in rows}
