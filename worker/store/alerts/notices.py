"""Keeps what is to be told about alerts, to whom, and how that went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from sqlalchemy import Connection, and_, exists, or_, select, update
from ulid import ULID

from worker.store.db.clock import after, db_now
from worker.store.db.sql import readable
from worker.store.db.tables import notices

SECOND = timedelta(seconds=1)

Act: TypeAlias = Literal["opened", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`tries`: this one included. `age`: seconds since it was written."""

    id: str
    alert: str
    act: str
    target: str
    tries: int
    age: float


def write(conn: Connection, alert: str, act: Act, targets: Iterable[str]) -> None:
    for target in targets:
        values = {"id": str(ULID()), "alert": alert, "act": act, "target": target}
        conn.execute(notices.insert().values(**values, written_at=db_now(), next_at=db_now()))


def take(conn: Connection, lease: float, limit: int) -> Sequence[Notice]:
    """Those that are due. For `lease` seconds nobody else takes them. What closed is told after what opened."""
    before = notices.alias("before")
    first = exists().where(
        before.c.alert == notices.c.alert,
        before.c.target == notices.c.target,
        before.c.act == "opened",
        before.c.next_at.is_not(None),
    )
    is_due = and_(notices.c.next_at <= db_now(), or_(notices.c.act == "opened", ~first))
    found = select(notices.c.id).where(is_due).order_by(notices.c.id).limit(limit)
    ids = conn.execute(found.with_for_update(skip_locked=True)).scalars().all()
    if not ids:
        return []
    taken = update(notices).where(notices.c.id.in_(ids)).values(next_at=after(lease), tries=notices.c.tries + 1)
    rows = conn.execute(taken.returning(notices, db_now().label("now"))).all()
    told = [
        Notice(
            id=row.id,
            alert=row.alert,
            act=row.act,
            target=row.target,
            tries=row.tries,
            age=(row.now - row.written_at) / SECOND,
        )
        for row in rows
    ]
    return sorted(told, key=lambda notice: notice.id)


def sent(conn: Connection, notice: str) -> None:
    conn.execute(update(notices).where(notices.c.id == notice).values(next_at=None, sent_at=db_now(), error=None))


def failed(conn: Connection, notice: str, error: str, again_in: float | None) -> None:
    """`again_in` seconds; None: it is given up."""
    again = None if again_in is None else after(again_in)
    conn.execute(update(notices).where(notices.c.id == notice).values(next_at=again, error=readable(error)))


def unsent(conn: Connection) -> Sequence[tuple[str, str]]:
    """Target and error of those that could not be told so far, or were given up; the newest first."""
    rows = conn.execute(
        select(notices.c.target, notices.c.error)
        .where(notices.c.sent_at.is_(None), notices.c.error.is_not(None))
        .order_by(notices.c.id.desc())
        .limit(20)
    )
    return [(row.target, row.error) for row in rows]
