"""The tables: exactly what the program knows, brought there once, and a newer database is left alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from tests.integration.store.examples import one
from worker.errors import ConfigError
from worker.store import Store, open_store
from worker.store.db.migrate import MIGRATIONS, Upgrade, check, migrate
from worker.store.db.tables import metadata

HEAD = max(path.name for path in (MIGRATIONS / "versions").glob("*.py"))[:4]
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    with op.batch_alter_table("events") as events:
        events.add_column(sa.Column("colour", sa.String(16), server_default="grön", nullable=False))
    {then}
"""


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Store]:
    store = open_store(empty_database_url)
    yield store
    store.close()


def next_release(folder: Path, then: str = "pass") -> Path:
    """The migrations of a program that is newer by one."""
    migrations = Path(shutil.copytree(MIGRATIONS, folder / "migrations"))
    (migrations / "versions" / "9999_next.py").write_text(NEXT.format(then=then, head=HEAD), "utf-8")
    return migrations


def tables(store: Store) -> set[str]:
    with store.read() as conn:
        return set(inspect(conn).get_table_names())


def columns(store: Store) -> set[str]:
    with store.read() as conn:
        return {column["name"] for column in inspect(conn).get_columns("events")}


# SQLAlchemy can't read back what an index of SQLite computes; that it is used shows in test_plans.
@pytest.mark.filterwarnings("ignore:.*expression-based index '?ix_events_waiting")
def test_the_migrations_make_exactly_the_tables_that_the_program_knows(empty: Store) -> None:
    assert migrate(empty) == Upgrade(None, HEAD)
    check(empty)
    with empty.read() as conn:
        assert compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata) == []
    assert tables(empty) == {*metadata.tables, "alembic_version"}


def test_migrating_again_changes_nothing(store: Store) -> None:
    event = one(store, "e1")
    assert migrate(store) == Upgrade(HEAD, HEAD)
    with store.read() as conn:
        assert conn.execute(text("SELECT id FROM events")).scalar_one() == event


def test_a_database_without_tables_says_what_to_run(empty: Store) -> None:
    with empty.write():
        """Now it is there, and empty."""
    with pytest.raises(ConfigError, match=r"has no tables yet: run `relay release`\.$"):
        check(empty)


def test_a_mistyped_file_is_not_made(tmp_path: Path) -> None:
    mistyped = tmp_path / "rellay" / "relay.db"
    with pytest.raises(ConfigError, match=r"^There is no database .*relay\.db: correct DATABASE_URL, or make it"):
        check(open_store(f"sqlite:///{mistyped}"))
    assert not mistyped.parent.exists()


def test_an_older_database_says_what_to_run_and_keeps_its_rows(store: Store, tmp_path: Path) -> None:
    event = one(store, "e1", "kund:Åsa")
    migrations = next_release(tmp_path)
    with pytest.raises(ConfigError, match=rf"is at revision {HEAD}: run `relay release`\.$"):
        check(store, migrations=migrations)
    migrate(store, migrations=migrations)
    check(store, migrations=migrations)
    with store.read() as conn:
        assert conn.execute(text("SELECT id, subject, colour FROM events")).one() == (event, "kund:Åsa", "grön")


def test_a_newer_database_is_refused_and_left_alone(store: Store, tmp_path: Path) -> None:
    migrate(store, migrations=next_release(tmp_path))
    for refused in (check, migrate):
        with pytest.raises(ConfigError, match="is at revision 9999, which is newer than this program"):
            refused(store)
    assert "colour" in columns(store)


def test_a_migration_that_fails_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    migrations = next_release(tmp_path, then="raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        migrate(store, migrations=migrations)
    assert "colour" not in columns(store)
    check(store)


def test_several_processes_may_migrate_at_once(empty_database_url: str, empty: Store) -> None:
    program = (
        "import sys; from worker.store import open_store; from worker.store.db.migrate import migrate;"
        " print('ready', flush=True); sys.stdin.readline(); migrate(open_store(sys.argv[1]))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, empty_database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in processes]
    assert [(process.returncode, error) for process, error in zip(processes, errors, strict=True)] == [(0, b"")] * 3
    check(empty)
