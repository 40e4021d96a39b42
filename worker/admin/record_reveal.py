"""Shows personal data to who asks for it and says why, for ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from worker.store import Store
from worker.store.db.clock import now
from worker.store.people import audit
from worker.store.people.audit import Actor

ACT = "reveal"
SHOWN_FOR = timedelta(minutes=10)


def reveal(store: Store, actor: Actor, about: str, why: str, since: datetime | None = None) -> int | None:
    """Answers the number in the audit; None where it is shown to them already."""
    with store.write() as conn:
        if shown_until(conn, actor, about, since) is not None:
            return None
        return audit.record(conn, actor, ACT, about, why=why)


def shown_until(conn: Connection, actor: Actor, about: str, since: datetime | None) -> datetime | None:
    """Until when it is shown to them. `since`: when their session began; what they asked for in another one counts for that alone."""
    for deed in audit.listed(conn, who=actor.name, act=ACT, about=about, limit=10):
        until = deed.at + SHOWN_FOR
        if deed.via == actor.via and until > now(conn) and (since is None or deed.at >= since):
            return until
    return None
