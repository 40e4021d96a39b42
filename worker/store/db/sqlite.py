"""Opens SQLite with a durable WAL file and explicit transactions."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from worker.errors import ConfigError
from worker.store.db.clock import SQLITE_NOW
from worker.store.db.file_lock import FileLock

BEGIN = "relay_begin"
BUSY_SECONDS = 1.0
POOL_SECONDS = 5.0
STEPS = 1000
"""Of SQLite's virtual machine, a fraction of a millisecond: how often it is asked whether to go on."""
UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
    }
)


def file_of(url: URL) -> Path:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ConfigError("DATABASE_URL must name a file (sqlite:///path/to/relay.db): several processes share it.")
    return Path(url.database)


def engine(url: URL, turns: FileLock, pool_size: int) -> Engine:
    made = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    file = file_of(url)

    @event.listens_for(made, "do_connect")
    def make_directory(*_: object) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(made, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver's implicit BEGIN comes too late for IMMEDIATE: https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
        connection.isolation_level = None
        connection.create_function(SQLITE_NOW, 0, _microseconds)
        cursor = connection.cursor()
        if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            with turns.take(POOL_SECONDS):
                # Of a new file only, and before the journal mode, which writes the first page.
                cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
                cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        # What was deleted or replaced is overwritten: https://www.sqlite.org/pragma.html#pragma_secure_delete
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(made, "begin")
    def begin(conn: Connection) -> None:
        conn.exec_driver_sql(conn.get_execution_options().get(BEGIN, "BEGIN"))

    return made


def _microseconds() -> int:
    return time.time_ns() // 1000


def unavailable(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in UNAVAILABLE


@contextmanager
def limited(conn: Connection, seconds: float) -> Iterator[None]:
    """All statements made inside may take so long together, https://www.sqlite.org/c3ref/progress_handler.html."""
    deadline = time.monotonic() + seconds
    driver = conn.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, STEPS)


def interrupted(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_INTERRUPT
