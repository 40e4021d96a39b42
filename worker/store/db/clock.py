"""Reads the database's clock, by which every lease and every due time is measured."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from worker.store.db.tables import Instant

SQLITE_NOW = "relay_now"
"""SQLite's own clock knows milliseconds only; every connection brings this function."""


class db_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function it is
    """Now, one value for the whole statement."""

    type = Instant()
    inherit_cache = True


@compiles(db_now, "sqlite")
def _sqlite(_element: db_now, _compiler: SQLCompiler, **_: Any) -> str:
    return f"(SELECT {SQLITE_NOW}())"


# A volatile function can't be an index condition; a scalar subquery is evaluated once, before the scan.
@compiles(db_now, "postgresql")
def _postgresql(_element: db_now, _compiler: SQLCompiler, **_: Any) -> str:
    return "(SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT))"


def after(seconds: float) -> ColumnElement[datetime]:
    """Now and so many seconds; less than nothing for the past."""
    return type_coerce(type_coerce(db_now(), BigInteger) + round(seconds * 1_000_000), Instant())


MICROS = bindparam("micros", type_=BigInteger)
AFTER: ColumnElement[datetime] = type_coerce(type_coerce(db_now(), BigInteger) + MICROS, Instant())
"""As `after`, of a statement that is built once: how long, in microseconds, is told as `micros` when it runs."""


def micros(seconds: float) -> int:
    return round(seconds * 1_000_000)


def now(conn: Connection) -> datetime:
    return conn.execute(_NOW).scalar_one()


_NOW = select(db_now())
