"""Tells which calls of ours made a record, and wrote to it last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from worker.plan import Resource
from worker.store.db.tables import calls
from worker.store.ledger.write_calls import UPDATES


@dataclass(frozen=True, slots=True)
class Touch:
    """A write of ours that took effect. `event`: the one it was made for."""

    at: datetime
    connection: str
    event: str | None


@dataclass(frozen=True, slots=True)
class Touched:
    """None: not by us, as far back as the journal of calls goes."""

    made: Touch | None
    changed: Touch | None


def touched(conn: Connection, account: int, resource: Resource, record_id: int) -> Touched:
    made = _touch(conn, account, resource, record_id, "POST")
    changed = _touch(conn, account, resource, record_id, *UPDATES)
    return Touched(made, changed)


def _touch(conn: Connection, account: int, resource: Resource, record_id: int, *methods: str) -> Touch | None:
    row = conn.execute(
        select(calls.c.started_at, calls.c.connection, calls.c.event)
        .where(
            calls.c.account == account,
            calls.c.resource == resource,
            calls.c.record_id == record_id,
            calls.c.method.in_(methods),
            calls.c.state == "done",
        )
        .order_by(calls.c.started_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Touch(*row)
