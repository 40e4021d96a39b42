"""Keeps who is signed in to the console, and who failed to."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import Connection, delete, func, or_, select, update

from worker.store.db.clock import now
from worker.store.db.tables import console_sessions, failed_sign_ins

Role: TypeAlias = Literal["viewer", "operator"]

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
LATELY = timedelta(minutes=1)
MOST_FAILURES = 10
TOUCH_AFTER = timedelta(seconds=30)
"""A session is seen at most that often, so that a page is seldom a write."""


@dataclass(frozen=True, slots=True)
class Session:
    """`credential`: the digest of the token that let them in; empty if a proxy did."""

    id: str
    name: str
    role: Role
    credential: str
    zone: str
    theme: str
    made_at: datetime
    seen_at: datetime


def begin(conn: Connection, name: str, role: Role, credential: str, zone: str) -> str:
    """Answers what the cookie holds; only its hash is kept."""
    cookie = secrets.token_urlsafe(32)
    at = now(conn)
    conn.execute(
        console_sessions.insert().values(
            id=_hashed(cookie), name=name, role=role, credential=credential, zone=zone, theme="", made_at=at, seen_at=at
        )
    )
    return cookie


def find(conn: Connection, cookie: str) -> tuple[Session, bool] | None:
    """One that has not ended, and whether it is time to say that it was seen."""
    row = conn.execute(select(console_sessions).where(console_sessions.c.id == _hashed(cookie))).one_or_none()
    if row is None:
        return None
    found, at = Session(*row), now(conn)
    if at - found.seen_at > IDLE or at - found.made_at > LONGEST:
        return None
    return found, at - found.seen_at > TOUCH_AFTER


def seen(conn: Connection, session: str) -> None:
    conn.execute(update(console_sessions).where(console_sessions.c.id == session).values(seen_at=now(conn)))


def prefer(conn: Connection, session: str, *, zone: str, theme: str) -> None:
    conn.execute(update(console_sessions).where(console_sessions.c.id == session).values(zone=zone, theme=theme))


def end(conn: Connection, session: str) -> None:
    conn.execute(delete(console_sessions).where(console_sessions.c.id == session))


def failed(conn: Connection, address: str) -> None:
    conn.execute(failed_sign_ins.insert().values(address=address[:255], at=now(conn)))


def failures(conn: Connection, address: str) -> int:
    """Of this address, in the last minute."""
    lately = failed_sign_ins.c.at > now(conn) - LATELY
    return conn.execute(select(func.count()).where(failed_sign_ins.c.address == address[:255], lately)).scalar_one()


def purge(conn: Connection) -> int:
    """What has ended."""
    at = now(conn)
    ended = or_(console_sessions.c.seen_at < at - IDLE, console_sessions.c.made_at < at - LONGEST)
    conn.execute(delete(failed_sign_ins).where(failed_sign_ins.c.at < at - LATELY))
    return conn.execute(delete(console_sessions).where(ended)).rowcount


def _hashed(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
