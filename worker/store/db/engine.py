"""Opens transactions in the database, or says in one line why it can't."""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from worker.errors import ConfigError, RelayError
from worker.store.db import postgresql, sqlite
from worker.store.db.file_lock import FileLock, LockTimeout

WAIT = 5.0
SHARD = "relay_shard"
"""The execution option that tells a transaction in which shard its process counts."""


class StoreUnavailable(RelayError):
    """The database can't be reached, or is busy for too long. Nothing was written."""

    exit_code = 2


class ReadTimeout(StoreUnavailable):
    """The database did not answer a question in the time that it was given."""


class Store:
    """One database. Safe to share between threads; a forked child gets connections of its own.

    `shard`: which counters are this process's own, so that processes don't wait for each other's; 0 is shared.
    """

    def __init__(self, engine: Engine, name: str, turns: FileLock | None, file: Path | None = None) -> None:
        self.engine = engine
        self.name = name
        self._file = file
        self._turns = turns
        self.shard = 0
        _stores.add(self)

    def __repr__(self) -> str:
        return f"Store({self.name})"

    @property
    def file(self) -> Path | None:
        """Of SQLite."""
        return self._file

    @property
    def missing(self) -> bool:
        """Whether it is a file that isn't there; the first transaction would make an empty one."""
        return self._file is not None and not self._file.exists()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._reporting(), self.engine.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def read_within(self, seconds: float) -> Iterator[Connection]:
        """As `read`; no statement may take longer, and none begins when the time is over. Raises ReadTimeout."""
        deadline = time.monotonic() + seconds
        late = f"The database {self.name} did not answer within {seconds:g} s."

        def refuse_late(*_: object) -> None:
            if time.monotonic() > deadline:
                raise ReadTimeout(late)

        with self._reporting(), self.engine.connect() as conn, conn.begin():
            limited = postgresql.limited if conn.dialect.name == "postgresql" else sqlite.limited
            event.listen(conn, "before_cursor_execute", refuse_late)
            try:
                with limited(conn, seconds):
                    yield conn
            except DBAPIError as error:
                if not (sqlite.interrupted(error) or postgresql.canceled(error)):
                    raise
                raise ReadTimeout(late) from None

    @contextmanager
    def write(self, wait: float = WAIT) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back by an exception. Never nested in another one."""
        with self._reporting(), self.engine.connect() as conn, self._turn(wait):
            conn.execution_options(**{sqlite.BEGIN: "BEGIN IMMEDIATE", SHARD: self.shard})
            with conn.begin():
                if conn.dialect.name == "postgresql" and wait != WAIT:
                    conn.execute(text(f"SET LOCAL lock_timeout = {int(wait * 1000)}"))
                yield conn

    @contextmanager
    def alone(self, wait: float = WAIT) -> Iterator[sqlite3.Cursor]:
        """Of SQLite: outside of any transaction, while nobody else writes. For what looks after the file itself."""
        with self._reporting(), self._turn(wait):
            raw = self.engine.raw_connection()
            try:
                cursor = cast("sqlite3.Cursor", raw.cursor())
                try:
                    yield cursor
                finally:
                    cursor.close()
            finally:
                raw.close()

    def close(self) -> None:
        self.engine.dispose()

    def forked(self) -> None:
        self.engine.dispose(close=False)
        if self._turns is not None:
            self._turns.forget()

    def _turn(self, wait: float) -> AbstractContextManager[None]:
        return nullcontext() if self._turns is None else self._turns.take(wait)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except LockTimeout:
            raise StoreUnavailable(f"The database {self.name} is busy: another process holds its write lock.") from None
        except PoolTimeout:
            raise StoreUnavailable(f"The database {self.name} is busy: all connections are in use.") from None
        except OSError as error:
            raise StoreUnavailable(f"The database {self.name} can't be opened: {error.strerror}.") from None
        except DBAPIError as error:
            if not (sqlite.unavailable(error) or postgresql.unavailable(error)):
                raise
            raise StoreUnavailable(f"The database {self.name} is not available: {_first_line(error)}") from None


_stores: weakref.WeakSet[Store] = weakref.WeakSet()


def _after_fork() -> None:
    for store in list(_stores):
        store.forked()


os.register_at_fork(after_in_child=_after_fork)


def open_store(url: str, *, pool_size: int = 10) -> Store:
    """Nothing is connected yet: a database that is down shows at first use."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        file = sqlite.file_of(parsed)
        turns = FileLock(file.with_name(f"{file.name}.lock"))
        return Store(sqlite.engine(parsed, turns, pool_size), str(file), turns, file)
    return Store(postgresql.engine(parsed, pool_size), postgresql.name_of(parsed), None)


def _parsed(url: str) -> URL:
    # Heroku and others hand out postgres://, which SQLAlchemy no longer knows.
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    except (ArgumentError, ValueError):
        raise ConfigError("DATABASE_URL can't be read: write sqlite:///path/to/relay.db or postgresql://…") from None
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ConfigError(f"DATABASE_URL names {backend}: only SQLite and PostgreSQL are supported.")
    return parsed


def _first_line(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
