"""Keeps which alerts are open, and since when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, select, update
from ulid import ULID

from worker.store.db.clock import after, db_now
from worker.store.db.sql import insert, readable
from worker.store.db.tables import alerts, notices

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`connection` is empty for one that concerns the whole. `right_for`: seconds since it is no longer found, None while it is."""

    id: str
    kind: str
    connection: str
    text: str
    opened_at: datetime
    closed_at: datetime | None
    right_for: float | None


def open_ones(conn: Connection) -> Sequence[Alert]:
    return _read(conn, alerts.c.closed_at.is_(None))


def latest(conn: Connection, limit: int) -> Sequence[Alert]:
    """The open ones first, then those that closed last."""
    statement = _selected().order_by(alerts.c.closed_at.desc().nulls_first(), alerts.c.opened_at.desc()).limit(limit)
    return [_alert(row) for row in conn.execute(statement)]


def by_ids(conn: Connection, ids: Collection[str]) -> Sequence[Alert]:
    return _read(conn, alerts.c.id.in_(sorted(ids)))


def opened(conn: Connection, kind: str, connection: str, text: str) -> str | None:
    """Its id; None if somebody else just opened one of this kind and connection."""
    values = {"id": str(ULID()), "kind": kind, "connection": connection, "text": readable(text), "opened_at": db_now()}
    statement = insert(conn, alerts).values(**values).on_conflict_do_nothing()
    return conn.execute(statement.returning(alerts.c.id)).scalar_one_or_none()


def cleared(conn: Connection, ids: Collection[str]) -> None:
    _change(conn, ids, cleared_at=db_now())


def back(conn: Connection, ids: Collection[str]) -> None:
    _change(conn, ids, cleared_at=None)


def closed(conn: Connection, ids: Collection[str]) -> Sequence[str]:
    """Those that were open until now."""
    statement = update(alerts).where(alerts.c.id.in_(sorted(ids)), alerts.c.closed_at.is_(None))
    return list(conn.execute(statement.values(closed_at=db_now()).returning(alerts.c.id)).scalars())


def purge(conn: Connection, keep: float) -> None:
    """Those that closed so many seconds ago, with what was told about them."""
    old = alerts.c.closed_at < after(-keep)
    conn.execute(delete(notices).where(exists().where(alerts.c.id == notices.c.alert, old)))
    conn.execute(delete(alerts).where(old))


def _change(conn: Connection, ids: Collection[str], **values: Any) -> None:
    if ids:
        conn.execute(update(alerts).where(alerts.c.id.in_(sorted(ids)), alerts.c.closed_at.is_(None)).values(**values))


def _read(conn: Connection, *where: Any) -> Sequence[Alert]:
    return [_alert(row) for row in conn.execute(_selected().where(*where).order_by(alerts.c.opened_at, alerts.c.id))]


def _selected() -> Any:
    return select(alerts, db_now().label("now"))


def _alert(row: Row[Any]) -> Alert:
    right_for = None if row.cleared_at is None else max((row.now - row.cleared_at) / SECOND, 0.0)
    return Alert(
        id=row.id, kind=row.kind, connection=row.connection, text=row.text, opened_at=row.opened_at,
        closed_at=row.closed_at, right_for=right_for,
    )  # fmt: skip
