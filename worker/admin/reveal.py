"""Shows an operator the personal data of an event, and keeps that they asked."""

from __future__ import annotations

from datetime import datetime

from worker.admin.event_history import about
from worker.store import Store
from worker.store.people import audit, reveals
from worker.store.people.audit import Actor

ACT = "reveal"


def reveal(store: Store, actor: Actor, event_id: str, why: str | None, session: str | None) -> int | None:
    """In one transaction. A page is shown it for ten minutes; who asks without a `session` has it in the answer.

    Answers the number in the audit; None where the session sees it already.
    """
    with store.write() as conn:
        if session is not None and not reveals.begin(conn, session, event_id):
            return None
        return audit.record(conn, actor, ACT, about(event_id), why=why)


def seen_until(store: Store, event_id: str, session: str | None) -> datetime | None:
    """None for who sees it masked."""
    if session is None:
        return None
    with store.read() as conn:
        return reveals.until(conn, session, event_id)
