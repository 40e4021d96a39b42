"""Keeps events that came before the record they need, and applies them once it is made."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, and_, select, tuple_, update

from worker.plan import QualifiedKey
from worker.store.db.clock import db_now, now
from worker.store.db.engine import Store
from worker.store.db.tables import events, links
from worker.store.events.replay import FRESH, lock_in_order
from worker.store.instruments.counters import again, count
from worker.store.lanes.backlog import make_due

MOST = 500
"""Events that one transaction applies, and keys that one question asks about."""


def apply_kept(store: Store, key: QualifiedKey) -> int:
    """The key's record was made or found: what was kept for it waits again. Answers how many events."""
    applied = 0
    while found := _kept_for(store, key):
        applied += _wait_again(store, found)
    return applied


def apply_made(store: Store, keys: Collection[QualifiedKey]) -> int:
    """The same for those of the keys whose records are there."""
    wanted = sorted({(key.connection, str(key.resource), key.id) for key in keys})
    return sum(
        apply_kept(store, key)
        for start in range(0, len(wanted), MOST)
        for key in _linked(store, wanted[start : start + MOST])
    )


def apply_all(store: Store) -> int:
    """The same for every record that is there: a worker may have died between making it and applying what was kept."""
    with store.read() as conn:
        keys = conn.execute(select(events.c.waits_for).where(_kept()).distinct()).scalars().all()
    return apply_made(store, keys)


def _kept_for(store: Store, key: QualifiedKey) -> Sequence[str]:
    with store.read() as conn:
        wanted = select(events.c.id).where(events.c.waits_for == key, _kept())
        return conn.execute(wanted.limit(MOST)).scalars().all()


def _linked(store: Store, keys: Sequence[tuple[str, str, str]]) -> Sequence[QualifiedKey]:
    named = (links.c.connection, links.c.resource, links.c.key)
    with store.read() as conn:
        rows = conn.execute(
            select(*named).where(tuple_(*named).in_(keys), links.c.state.in_(("linked", "former")))
        ).all()
    return [QualifiedKey(*row) for row in rows]


def _kept() -> ColumnElement[bool]:
    return and_(events.c.waits_for.is_not(None), events.c.waits_until > db_now(), events.c.status != "pending")


def _wait_again(store: Store, ids: Sequence[str]) -> int:
    with store.write() as conn:
        return _pending(conn, ids)


def _pending(conn: Connection, ids: Sequence[str]) -> int:
    these = and_(events.c.id.in_(ids), _kept())
    lock_in_order(conn, these)
    statement = update(events).where(these).values(status="pending", **FRESH)
    rows = conn.execute(statement.returning(events.c.connection, events.c.subject, events.c.priority)).all()
    urgent: dict[tuple[str, str], bool] = {}
    for row in rows:
        lane = (row.connection, row.subject)
        urgent[lane] = urgent.get(lane, False) or row.priority
    make_due(conn, urgent, at_once=True)
    count(conn, again(row.connection for row in rows), now(conn))
    return len(rows)
