"""INSERT … ON CONFLICT, which both databases have and SQLAlchemy keeps in their dialects."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

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
