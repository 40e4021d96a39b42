"""Keeps what the last comparison of each connection's sender with Upsales found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select
from ulid import ULID

from worker.store.db.clock import now
from worker.store.db.sql import readable
from worker.store.db.tables import events, links, reconciliations
from worker.store.sources.findings import Finding

KEPT = 1_000
"""Findings of a run; of the others only the number is kept."""
AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One run. `since`: from when on; null for everything. `whole`: all that was there was looked at.

    `counts`: how many things were looked at (`things`), how many findings there were of each kind, and how many events repair them
    (`repairs`). `findings`: the first of them, and `more` others. None holds a value.
    """

    id: str
    connection: str
    kinds: Sequence[str]
    since: datetime | None
    whole: bool
    repair: bool
    over_people: bool
    by: str
    started_at: datetime
    ended_at: datetime
    counts: Mapping[str, int]
    findings: Sequence[Finding]
    more: int = 0


def begin(conn: Connection) -> tuple[str, datetime]:
    """The id of a run, and when it began."""
    return str(ULID()), now(conn)


def store(conn: Connection, done: Reconciliation) -> None:
    """In place of what the connection's last run found."""
    conn.execute(delete(reconciliations).where(reconciliations.c.connection == done.connection))
    values = {name: getattr(done, name) for name in Reconciliation.__dataclass_fields__}
    found = [each.packed() for each in done.findings]
    values |= {
        "by": (readable(done.by) or "")[:255],
        "kinds": list(done.kinds),
        "counts": dict(done.counts),
        "findings": found,
    }
    conn.execute(reconciliations.insert().values(**values))


def last(conn: Connection, connections: Collection[str] = ()) -> Sequence[Reconciliation]:
    """Of all connections, or of these; the newest first."""
    statement = select(reconciliations).order_by(reconciliations.c.ended_at.desc())
    if connections:
        statement = statement.where(reconciliations.c.connection.in_(sorted(connections)))
    return [_read(row) for row in conn.execute(statement)]


def get(conn: Connection, run: str) -> Reconciliation | None:
    row = conn.execute(select(reconciliations).where(reconciliations.c.id == run)).one_or_none()
    return None if row is None else _read(row)


def purge(conn: Connection, keep: float) -> None:
    """Seconds."""
    old = now(conn) - timedelta(seconds=keep)
    conn.execute(delete(reconciliations).where(reconciliations.c.ended_at < old))


def fates(conn: Connection, connection: str, subjects: Collection[str]) -> Mapping[str, str]:
    """By subject: `pending` where an event of it waits, else how the newest one ended."""
    found: dict[str, str] = {}
    wanted = sorted(set(subjects))
    for start in range(0, len(wanted), AT_ONCE):
        mine = (events.c.connection == connection, events.c.subject.in_(wanted[start : start + AT_ONCE]))
        newest = select(func.max(events.c.seq)).where(*mine).group_by(events.c.subject)
        ended = select(events.c.subject, events.c.status).where(events.c.seq.in_(newest))
        found |= {row.subject: row.status for row in conn.execute(ended)}
        waiting = select(events.c.subject).where(*mine, events.c.status == "pending").distinct()
        found |= dict.fromkeys(conn.execute(waiting).scalars(), "pending")
    return found


def waiting(conn: Connection, connection: str, prefix: str) -> int:
    """Events whose ids begin so, and that wait."""
    mine = (events.c.connection == connection, events.c.status == "pending", events.c.event_id.startswith(prefix))
    number: int = conn.execute(select(func.count()).where(*mine)).scalar_one()
    return number


@dataclass(frozen=True, slots=True)
class Linked:
    """A key that is linked to a record."""

    resource: str
    key: str
    record_id: int


def linked(conn: Connection, connection: str, after: Linked | None, limit: int) -> Sequence[Linked]:
    """The connection's links in the order of their keys, a page at a time."""
    mine = [links.c.connection == connection, links.c.state == "linked", links.c.record_id.is_not(None)]
    if after is not None:
        mine.append(
            (links.c.resource > after.resource) | ((links.c.resource == after.resource) & (links.c.key > after.key))
        )
    columns = (links.c.resource, links.c.key, links.c.record_id)
    rows = conn.execute(select(*columns).where(*mine).order_by(links.c.resource, links.c.key).limit(limit))
    return [Linked(row.resource, row.key, row.record_id) for row in rows]


def _read(row: Row[Any]) -> Reconciliation:
    values = {name: getattr(row, name) for name in Reconciliation.__dataclass_fields__}
    return Reconciliation(**values | {"findings": [_finding(each) for each in row.findings]})


def _finding(packed: Mapping[str, Any]) -> Finding:
    return Finding(**{"key": None, **packed})
