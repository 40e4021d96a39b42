"""Builds INSERT … ON CONFLICT for both databases, and text that both can store."""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, select, text
from sqlalchemy.dialects import postgresql, sqlite

from worker.plan import Resource
from worker.sdk.read import storable
from worker.store.db.tables import lanes

Insert: TypeAlias = postgresql.Insert | sqlite.Insert


def insert(conn: Connection, table: Table) -> Insert:
    return insert_in(conn.dialect.name, table)


def insert_in(dialect: str, table: Table) -> Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_new(conn: Connection, table: Table, **values: Any) -> bool:
    """Whether the row is ours: False when its primary key is taken."""
    keys = list(table.primary_key.columns)
    statement = insert(conn, table).values(**values).on_conflict_do_nothing(index_elements=keys)
    return conn.execute(statement.returning(keys[0])).first() is not None


LONGEST_KEY = 255
LONGEST_TEXT = 4000


def readable(text: str | None) -> str | None:
    """For people: without what can't be stored, and not too long."""
    return None if text is None else storable(text[:LONGEST_TEXT])


def storable_key(text: str) -> str:
    """To be compared: a hash stands for what is too long or can't be stored."""
    if len(text) <= LONGEST_KEY and storable(text) == text:
        return text
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def one_at_a_time(conn: Connection, account: int, resource: Resource) -> None:
    """Until the transaction ends, nobody else changes links and identities of these records. A matter of milliseconds."""
    if conn.dialect.name == "postgresql":
        digest = hashlib.sha256(f"{account}/{resource}".encode()).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


IDS = 7_305_001_416


def ids_are_erased(conn: Connection) -> None:
    """Until the transaction ends, nobody looks for ids of events that may have been erased: they would find neither the old nor the new one."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": IDS})


def ids_are_looked_for(conn: Connection) -> None:
    """Any number of transactions may, and none erases meanwhile."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock_shared(:number)"), {"number": IDS})


def lock_lanes(conn: Connection, *where: ColumnElement[bool]) -> None:
    """Lock many lanes in the order in which everybody does: by code points."""
    if conn.dialect.name == "postgresql":
        statement = select(lanes.c.subject).where(*where).order_by(lanes.c.subject.collate("C")).with_for_update()
        conn.execute(statement).all()
