"""The tables: exactly what the program knows, brought there once, and a newer database is left alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import inspect, text

from tests.integration.conftest import Databases
from tests.integration.store.events.test_lock_order import somebody_waits, until
from tests.integration.store.examples import one
from worker.errors import ConfigError
from worker.store import Store, open_store
from worker.store.db.migrate import MIGRATIONS, Upgrade, check, migrate, oldest
from worker.store.db.tables import metadata
from worker.store.lanes.lanes import claim

HEAD = max(path.name for path in (MIGRATIONS / "versions").glob("*.py"))[:4]
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
expand = {expand}


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


def next_release(folder: Path, then: str = "pass", *, expand: bool = False) -> Path:
    """The migrations of a program that is newer by one."""
    migrations = Path(shutil.copytree(MIGRATIONS, folder / "migrations"))
    (migrations / "versions" / "9999_next.py").write_text(NEXT.format(then=then, head=HEAD, expand=expand), "utf-8")
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


def test_an_older_program_starts_and_works_beside_a_newer_one_whose_tables_only_grew(
    store: Store, tmp_path: Path
) -> None:
    migrations = next_release(tmp_path, expand=True)
    migrate(store, migrations=migrations)

    check(store)
    migrate(store)

    event = one(store, "e1", "kund:Åsa")
    claimed = claim(store, "butik", "kund:Åsa", "en äldre", 60)
    assert claimed is not None
    assert [each.id for each in claimed.events] == [event]
    with store.read() as conn:
        assert conn.execute(text("SELECT id, colour FROM events")).one() == (event, "grön")
    check(store, migrations=migrations)


def test_a_revision_that_only_grows_the_tables_does_not_make_up_for_one_before_it_that_does_not(tmp_path: Path) -> None:
    migrations = next_release(tmp_path)
    later = NEXT.format(then="", head="9999", expand=True).replace('revision = "9999"', 'revision = "99991"', 1)
    (migrations / "versions" / "99991_later.py").write_text(later, "utf-8")
    assert oldest(migrations) == "9999"


def test_a_database_of_before_this_was_told_is_refused(store: Store, tmp_path: Path) -> None:
    migrate(store, migrations=next_release(tmp_path, expand=True))
    with store.write() as conn:
        conn.execute(text("DROP TABLE schema_support"))
    with pytest.raises(ConfigError, match="is newer than this program and can't be used by it"):
        check(store)


@dataclass(frozen=True)
class Shape:
    """What an older program needs of the tables."""

    columns: Mapping[tuple[str, str], str]
    unasked: frozenset[tuple[str, str]]
    unique: frozenset[tuple[str, ...]]


@pytest.mark.filterwarnings("ignore:.*expression-based index '?ix_")
def shape(store: Store) -> Shape:
    columns: dict[tuple[str, str], str] = {}
    unasked: set[tuple[str, str]] = set()
    unique: set[tuple[str, ...]] = set()
    with store.read() as conn:
        found = inspect(conn)
        for table in found.get_table_names():
            for column in found.get_columns(table):
                columns[table, column["name"]] = str(column["type"])
                if column["nullable"] or column["default"] is not None or column.get("autoincrement") is True:
                    unasked.add((table, column["name"]))
            unique.add((table, *found.get_pk_constraint(table)["constrained_columns"]))
            unique |= {(table, *each["column_names"]) for each in found.get_unique_constraints(table)}
            unique |= {(table, *map(str, each["column_names"])) for each in found.get_indexes(table) if each["unique"]}
    return Shape(columns, frozenset(unasked), frozenset(unique))


def revisions() -> Iterator[Script]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    yield from reversed(list(ScriptDirectory.from_config(config).walk_revisions()))


def test_every_revision_since_0014_says_whether_the_release_before_works_with_it() -> None:
    late = [each for each in revisions() if each.revision >= "0013"]
    assert [each.revision for each in late if not isinstance(getattr(each.module, "expand", None), bool)] == []


@pytest.mark.filterwarnings("ignore:.*expression-based index '?ix_")
def test_a_revision_that_says_so_leaves_what_the_release_before_reads_and_writes(empty: Store) -> None:
    for each in revisions():
        before = shape(empty)
        _upgrade(empty, each.revision)
        if getattr(each.module, "expand", False):
            after = shape(empty)
            old = {table for table, _ in before.columns}
            assert before.columns.items() <= after.columns.items(), f"{each.revision} drops or changes a column"
            new = {(table, name) for table, name in after.columns.keys() - before.columns.keys() if table in old}
            assert new <= after.unasked, f"{each.revision} asks for a value that the release before does not give"
            stricter = {each for each in after.unique - before.unique if each[0] in old}
            assert stricter == set(), f"{each.revision} allows less than the release before needs"


def _upgrade(store: Store, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.write() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, revision)


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


def test_whoever_reads_before_they_write_is_waited_for(postgresql_databases: Databases) -> None:
    """As a claim does: what the migration has locked by then must not be what they want next."""
    store = open_store(postgresql_databases.empty())
    _upgrade(store, "0012")
    with ThreadPoolExecutor(1) as other:
        with store.write() as conn:
            conn.execute(text("SELECT count(*) FROM events"))
            migrating = other.submit(migrate, store)
            until(lambda: somebody_waits(store))
            conn.execute(text("UPDATE events SET claims = claims + 1"))
        assert migrating.result(30).before == "0012"
    store.close()
