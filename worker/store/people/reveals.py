"""Keeps who sees personal data for a while, because they asked for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, select

from worker.store.db.clock import now
from worker.store.db.sql import insert
from worker.store.db.tables import reveals

FOR = timedelta(minutes=10)


def begin(conn: Connection, session: str, about: str) -> bool:
    """From now on, for ten minutes. `about`: as the audit calls it. False where they see it already: then nothing is changed, also where two ask at once."""
    at = now(conn)
    statement = insert(conn, reveals).values(session=session, about=about, until=at + FOR)
    again = statement.on_conflict_do_update(
        index_elements=list(reveals.primary_key), set_={"until": at + FOR}, where=reveals.c.until <= at
    )
    return conn.execute(again.returning(reveals.c.until)).first() is not None


def until(conn: Connection, session: str, about: str) -> datetime | None:
    """None where the session does not see it, or no longer."""
    mine = and_(reveals.c.session == session, reveals.c.about == about, reveals.c.until > now(conn))
    found: datetime | None = conn.execute(select(reveals.c.until).where(mine)).scalar_one_or_none()
    return found


def purge(conn: Connection) -> int:
    """What is over."""
    return conn.execute(delete(reveals).where(reveals.c.until <= now(conn))).rowcount
