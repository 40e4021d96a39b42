"""Brings the tables up to date, and refuses a database that the program can't work with.

A revision whose file says `expand = True` leaves everything as the release before needs it. The database holds the oldest revision whose
program can work with it, so that an older program may run, and start again, beside newer ones.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, select, text
from sqlalchemy.exc import OperationalError

from worker.errors import ConfigError
from worker.store.db.engine import Store
from worker.store.db.tables import schema_support

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 60.0
LOCKS_WITHIN = "500ms"
"""Others wait as long for us, and PostgreSQL looks for deadlocks after a second."""
PAUSE = 0.2
# Any number, as long as nothing else in the database takes the same one.
ADVISORY_LOCK = 7_305_001_414


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The revisions before and after. `before` is None where there were no tables."""

    before: str | None
    after: str


def migrate(store: Store, wait: float = PATIENCE, *, migrations: Path = MIGRATIONS) -> Upgrade:
    """Upgrade to this program's revision. Several at once take turns, and the later ones find nothing to do."""
    config = _config(migrations)
    with store.write(wait) as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("SET LOCAL statement_timeout = 0"))
            conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        before = revision(conn)
        if _is_newer(store, conn, migrations):
            return Upgrade(before, before or "")
        if conn.dialect.name == "postgresql" and before != _history(migrations)[0]:
            _lock_all(conn, wait)
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        if inspect(conn).has_table(schema_support.name):
            conn.execute(delete(schema_support))
            conn.execute(insert(schema_support).values(oldest=oldest(migrations)))
    return Upgrade(before, _history(migrations)[0])


def _lock_all(conn: Connection, wait: float) -> None:
    """All tables, before any is changed: else we may have what somebody wants next whose own locks we wait for.

    Nobody takes them in one order, so we let go of all when one is not to be had.
    """
    preparer = conn.dialect.identifier_preparer
    names = ", ".join(preparer.quote(name) for name in sorted(inspect(conn).get_table_names()))
    until = time.monotonic() + wait
    while names:
        try:
            with conn.begin_nested():
                conn.execute(text(f"SET LOCAL lock_timeout = '{LOCKS_WITHIN}'"))
                conn.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
                conn.execute(text(f"SET LOCAL lock_timeout = {round(wait * 1000)}"))
                return
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)


def check(store: Store, *, migrations: Path = MIGRATIONS) -> None:
    """Raises ConfigError unless the database has this program's tables, or newer ones that it can work with."""
    if store.missing:
        raise ConfigError(f"There is no database {store.name}: correct DATABASE_URL, or make it with `relay release`.")
    with store.read() as conn:
        present = revision(conn)
        newer = _is_newer(store, conn, migrations)
    if not newer and present != _history(migrations)[0]:
        found = f"is at revision {present}" if present else "has no tables yet"
        raise ConfigError(f"The database {store.name} {found}: run `relay release`.")


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def revision(conn: Connection) -> str | None:
    """None where there are no tables yet."""
    return MigrationContext.configure(conn).get_current_revision()


@cache
def _history(migrations: Path) -> Sequence[str]:
    """The revisions, the newest first. Reading them runs every migration's file: once a process is enough."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config(migrations)).walk_revisions())


def newest(migrations: Path = MIGRATIONS) -> str:
    """This program's own revision."""
    return _history(migrations)[0]


@cache
def oldest(migrations: Path = MIGRATIONS) -> str:
    """The oldest revision whose program can work with the tables as the newest leaves them."""
    revisions = ScriptDirectory.from_config(_config(migrations)).walk_revisions()
    return next(each.revision for each in revisions if not getattr(each.module, "expand", False))


def _is_newer(store: Store, conn: Connection, migrations: Path) -> bool:
    """Raises ConfigError where this program is too old for it."""
    present = revision(conn)
    if present is None or present in _history(migrations):
        return False
    if _supported_since(conn) in _history(migrations):
        return True
    raise ConfigError(
        f"The database {store.name} is at revision {present}, which is newer than this program and can't be used by it:"
        " install the release that made it, or restore a backup."
    )


def _supported_since(conn: Connection) -> str | None:
    """None for a database of before this was told."""
    if not inspect(conn).has_table(schema_support.name):
        return None
    found: str | None = conn.execute(select(schema_support.c.oldest)).scalar()
    return found
