"""Opens PostgreSQL with timeouts on everything that can wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

POOL_SECONDS = 5.0
SESSION = "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
PATIENCE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "upsales-relay",
    "options": SESSION,
}
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
READ_ONLY = "25006"
IDLE_IN_TRANSACTION = "25P03"
LIMIT_EXCEEDED = "54"
CANCELED = "57014"


def engine(url: URL, pool_size: int) -> Engine:
    made = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={name: value for name, value in PATIENCE.items() if name not in url.query},
    )
    event.listen(made, "connect", _durable)
    return made


def _durable(connection: psycopg.Connection, _record: object) -> None:
    """An answered event survives a crash of the server, also where it is set up not to wait for its disk."""
    connection.execute(DURABLE)
    connection.commit()


def name_of(url: URL) -> str:
    """Host and database: enough to know which one is meant, and no credentials."""
    host = url.host or url.query.get("host") or "local socket"
    return f"{host}/{url.database}"


def unavailable(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    cause = error.orig
    if not isinstance(cause, psycopg.Error):
        return False
    if cause.sqlstate in (READ_ONLY, IDLE_IN_TRANSACTION):
        return True
    limit = (cause.sqlstate or "").startswith(LIMIT_EXCEEDED)
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and not limit


@contextmanager
def limited(conn: Connection, seconds: float) -> Iterator[None]:
    """No statement of the transaction may take longer."""
    conn.execute(text(f"SET LOCAL statement_timeout = {max(round(seconds * 1000), 1)}"))
    yield


def canceled(error: DBAPIError) -> bool:
    return isinstance(error.orig, psycopg.Error) and error.orig.sqlstate == CANCELED
