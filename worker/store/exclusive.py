"""On PostgreSQL, locks that keep transactions which touch several rows from waiting for each other in a circle. SQLite has one writer."""

from __future__ import annotations

import hashlib

from sqlalchemy import ColumnElement, Connection, select, text

from worker.plan import Resource
from worker.store.tables import lanes


def one_at_a_time(conn: Connection, account: int, resource: Resource) -> None:
    """Until the transaction ends, nobody else changes links and identities of these records. A matter of milliseconds."""
    if conn.dialect.name == "postgresql":
        digest = hashlib.sha256(f"{account}/{resource}".encode()).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def lock_lanes(conn: Connection, *where: ColumnElement[bool]) -> None:
    """Lock many lanes in the order in which everybody does: by code points."""
    if conn.dialect.name == "postgresql":
        statement = select(lanes.c.subject).where(*where).order_by(lanes.c.subject.collate("C")).with_for_update()
        conn.execute(statement).all()
