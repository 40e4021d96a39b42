"""Keeps events that came before the record they need, and applies them once it is made."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Text, and_, exists, select, type_coerce, update

from worker.plan import QualifiedKey
from worker.store.db.clock import db_now
from worker.store.db.engine import Store
from worker.store.db.tables import events, links
from worker.store.events.replay import FRESH
from worker.store.lanes.backlog import make_due

MOST = 500
"""Events that one transaction applies."""


def apply_kept(store: Store, key: QualifiedKey) -> int:
    """The key's record was made or found: what was kept for it waits again. Answers how many events."""
    with store.read() as conn:
        wanted = select(events.c.id).where(events.c.waits_for == key, _kept())
        found = conn.execute(wanted.limit(MOST)).scalars().all()
    return _wait_again(store, found)


def apply_all(store: Store) -> int:
    """The same for every record that is there: a worker may have died between making it and applying what was kept."""
    made = exists().where(
        links.c.connection == events.c.connection,
        links.c.connection + ":" + links.c.resource + ":" + links.c.key == type_coerce(events.c.waits_for, Text),
        links.c.state == "linked",
    )
    with store.read() as conn:
        found = conn.execute(select(events.c.id).where(_kept(), made).limit(MOST)).scalars().all()
    return _wait_again(store, found)


def _kept() -> ColumnElement[bool]:
    return and_(events.c.waits_for.is_not(None), events.c.waits_until > db_now(), events.c.status != "pending")


def _wait_again(store: Store, ids: Sequence[str]) -> int:
    if not ids:
        return 0
    with store.write() as conn:
        return _pending(conn, ids)


def _pending(conn: Connection, ids: Sequence[str]) -> int:
    statement = update(events).where(events.c.id.in_(ids), _kept()).values(status="pending", **FRESH)
    rows = conn.execute(statement.returning(events.c.connection, events.c.subject, events.c.priority)).all()
    urgent: dict[tuple[str, str], bool] = {}
    for row in rows:
        lane = (row.connection, row.subject)
        urgent[lane] = urgent.get(lane, False) or row.priority
    make_due(conn, urgent, at_once=True)
    return len(rows)
