"""Shows an operator the personal data of an event or a record, and keeps that they asked."""

from __future__ import annotations

from datetime import datetime

from worker.store import Store
from worker.store.people import audit, reveals
from worker.store.people.audit import Actor

ACT = "reveal"


def reveal(store: Store, actor: Actor, about: str, why: str | None, session: str | None) -> int | None:
    """In one transaction. A page is shown it for ten minutes; who asks without a `session` has it in the answer.

    Answers the number in the audit; None where the session sees it already.
    """
    with store.write() as conn:
        if session is not None and not reveals.begin(conn, session, about):
            return None
        return audit.record(conn, actor, ACT, about, why=why)


def seen_until(store: Store, about: str, session: str | None) -> datetime | None:
    """None for who sees it masked."""
    if session is None:
        return None
    with store.read() as conn:
        return reveals.until(conn, session, about)
