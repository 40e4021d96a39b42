"""Tries whether the database takes as much as a webhook brings."""

from __future__ import annotations

import os

from sqlalchemy import delete, or_
from ulid import ULID

from worker.store.db.clock import after, db_now
from worker.store.db.engine import Store
from worker.store.db.tables import write_probes

BYTES = 16 * 1024
"""A webhook with its events takes less, but for a few."""
WAIT = 1.0
"""Seconds for the database's turn."""
LEFT_OVER = 3600.0
"""Seconds after which bytes were left by a process that died."""


def probe(store: Store, wait: float = WAIT) -> None:
    """Store so many bytes, and delete them again; `wait`: seconds for the turn of each. Raises what the commits raise.

    In two transactions: what would only be overwritten needs no room.
    """
    named = str(ULID())
    with store.write(wait) as conn:
        conn.execute(write_probes.insert().values(id=named, body=os.urandom(BYTES), written_at=db_now()))
    with store.write(wait) as conn:
        left_over = write_probes.c.written_at < after(-LEFT_OVER)
        conn.execute(delete(write_probes).where(or_(write_probes.c.id == named, left_over)))
