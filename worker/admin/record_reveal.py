"""Shows personal data to who asks for it and says why, for ten minutes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from worker.store import Store
from worker.store.db.clock import now
from worker.store.people import audit, reveals
from worker.store.people.audit import Actor

ACT: Final = "reveal"
LENGTH: Final = 26
"""Of the names in `reveals`: ids of events have as many characters."""


def reveal(store: Store, actor: Actor, about: str, why: str, session: str | None) -> int | None:
    """Answers the number in the audit; None where it was asked for already: by the session, or without one by the same person."""
    with store.write() as conn:
        known = _asked(conn, actor, about) if session is None else not reveals.begin(conn, session, _named(about))
        return None if known else audit.record(conn, actor, ACT, about, why=why)


def shown_until(conn: Connection, about: str, session: str | None) -> datetime | None:
    """To this session alone: several people may have one token, and one name."""
    return None if session is None else reveals.until(conn, session, _named(about))


def _asked(conn: Connection, actor: Actor, about: str) -> bool:
    since = now(conn) - reveals.FOR
    lately = audit.listed(conn, who=actor.name, act=ACT, about=about, limit=10)
    return any(deed.via == actor.via and deed.at > since for deed in lately)


def _named(about: str) -> str:
    return hashlib.sha256(about.encode()).hexdigest()[:LENGTH]
