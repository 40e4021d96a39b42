"""The breaker of a connection: open while Upsales answers nothing, so that its lanes don't all find that out."""

from __future__ import annotations

from sqlalchemy import null, or_, select, update

from worker.store.clock import after
from worker.store.connections import change, locked
from worker.store.engine import Store
from worker.store.tables import connections

LONGEST_DOUBLING = 5


def failed(store: Store, name: str, subject: str, *, lanes: int, seconds: float) -> bool:
    """Upsales was not available for a subject. True when that opened the breaker: so many lanes failed without a success.

    It stays open for `seconds`, twice as long each time it opens again; the first failure after that opens it again.
    """
    with store.write() as conn:
        row = locked(conn, name)
        if row.broken_until is not None and row.broken_until > row.now:
            # Calls that were under way when it opened.
            return False
        failing = sorted({*(row.failing or ()), subject})
        if len(failing) < lanes and not row.breaks:
            change(conn, name, failing=failing)
            return False
        pause_for = seconds * 2 ** min(row.breaks, LONGEST_DOUBLING)
        change(conn, name, failing=null(), broken_until=after(pause_for), breaks=row.breaks + 1)
        return True


def succeeded(store: Store, name: str) -> None:
    """Upsales answered: what failed before counts no more. Writes only when there is something to forget."""
    troubled = or_(connections.c.failing.is_not(None), connections.c.breaks > 0)
    of_name = (connections.c.name == name, troubled)
    with store.read() as conn:
        if conn.execute(select(connections.c.name).where(*of_name)).one_or_none() is None:
            return
    with store.write() as conn:
        conn.execute(update(connections).where(*of_name).values(failing=null(), broken_until=None, breaks=0))
