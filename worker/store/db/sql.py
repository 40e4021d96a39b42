"""Builds INSERT … ON CONFLICT for both databases, and text that both can store."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Column, ColumnElement, Connection, Table, and_, bindparam, select, text
from sqlalchemy.dialects import postgresql, sqlite

from worker.plan import Resource
from worker.sdk.read import storable
from worker.store.db.clock import db_now
from worker.store.db.tables import lanes

Insert: TypeAlias = postgresql.Insert | sqlite.Insert


def insert(conn: Connection, table: Table) -> Insert:
    return insert_in(conn.dialect.name, table)


def insert_in(dialect: str, table: Table) -> Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def given(column: Column[Any]) -> BindParameter[Any]:
    """A value of the column that is told when the statement runs, as `of_<its name>`.

    What runs for every event is built once: building it costs five times as much as running it.
    """
    return bindparam(f"of_{column.name}", type_=column.type)


def same(*columns: Column[Any]) -> ColumnElement[bool]:
    """A row in which each of them has the value that is given."""
    return and_(*(column == given(column) for column in columns))


def insert_new(conn: Connection, table: Table, **values: Any) -> bool:
    """Whether the row is ours: False when its primary key is taken."""
    dated = tuple(name for name, value in values.items() if isinstance(value, db_now))
    told = {name: value for name, value in values.items() if name not in dated}
    written = {
        name: told.pop(name) for name, value in values.items() if isinstance(value, ColumnElement) and name in told
    }
    statement = _new(conn.dialect.name, table, dated)
    return conn.execute(statement.values(**written) if written else statement, told).first() is not None


@cache
def _new(dialect: str, table: Table, dated: tuple[str, ...]) -> Any:
    """`dated`: columns that hold the time at which the statement runs."""
    keys = list(table.primary_key.columns)
    statement = (
        insert_in(dialect, table).values(**{name: db_now() for name in dated}) if dated else insert_in(dialect, table)
    )
    return statement.on_conflict_do_nothing(index_elements=keys).returning(keys[0])


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
