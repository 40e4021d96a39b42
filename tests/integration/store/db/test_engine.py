"""The store: durable, one writer at a time where it has to be, and one clear line when it isn't there."""

from __future__ import annotations

import multiprocessing
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.integration.conftest import Databases
from tests.integration.store.examples import NOON, one
from worker.errors import ConfigError
from worker.store import Store, StoreUnavailable, open_store
from worker.store.db.clock import after, now
from worker.store.db.tables import events


def number(store: Store) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(events)).scalar_one()


def test_what_was_written_is_there_and_what_was_broken_off_is_not(store: Store) -> None:
    one(store, "e1")

    def broken_off() -> None:
        with store.write() as conn:
            conn.execute(events.delete())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()
    assert number(store) == 1


def test_a_second_writer_of_the_same_row_waits_no_longer_than_it_was_told(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        conn.execute(events.update().values(attempts=1))
        began = time.monotonic()
        with pytest.raises(StoreUnavailable), store.write(0.2) as second:
            second.execute(events.update().values(attempts=2))
        assert time.monotonic() - began < 3
    with store.write(0.2) as conn:
        conn.execute(events.update().values(attempts=3))


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        conn.execute(events.delete())
        assert number(store) == 1
    assert number(store) == 0


def test_a_mistake_of_ours_is_not_taken_for_an_outage(store: Store) -> None:
    with pytest.raises(DBAPIError), store.read() as conn:
        conn.execute(text("SELECT * FROM nowhere"))
    assert number(store) == 0


def test_many_threads_write_each_in_its_turn(store: Store) -> None:
    threads = [threading.Thread(target=one, args=(store, f"e{n}", f"kund:{n % 3}")) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert number(store) == 16


def test_a_forked_child_has_connections_of_its_own(store: Store) -> None:
    one(store, "e1")
    child = multiprocessing.get_context("fork").Process(target=one, args=(store, "e2"))
    child.start()
    child.join()
    assert child.exitcode == 0
    one(store, "e3")
    assert number(store) == 3


def test_the_databases_clock_is_in_microseconds_since_the_epoch(store: Store) -> None:
    with store.read() as conn:
        at = now(conn)
        ahead = conn.execute(select(after(90.5))).scalar_one()
        behind = conn.execute(select(after(-90.5))).scalar_one()
    assert abs(at - datetime.now(UTC)) < timedelta(seconds=5)
    assert timedelta(seconds=180) < ahead - behind < timedelta(seconds=182)


def test_instants_come_back_to_the_microsecond(store: Store) -> None:
    exact = NOON + timedelta(microseconds=123457)
    one(store, "e1", time=exact)
    with store.read() as conn:
        assert conn.execute(select(events.c.time)).scalar_one() == exact


def test_a_name_shows_no_credentials(store: Store) -> None:
    assert store.name in repr(store)
    assert open_store("postgres://åsa:hemligt@db.example.com/relay?password=också").name == "db.example.com/relay"


def test_sqlite_writes_ahead_and_waits_for_the_disk(sqlite_databases: Databases) -> None:
    store = open_store(sqlite_databases.migrated())
    with store.read() as conn:
        assert conn.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert conn.execute(text("PRAGMA synchronous")).scalar_one() == 2
    store.close()


def test_sqlite_in_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = open_store(f"sqlite:///{tmp_path}/file/relay.db")
    with pytest.raises(StoreUnavailable, match=r"^The database .*/file/relay\.db can't be opened: .*\.$"), store.read():
        pass


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "relay.db").write_text("Åäö" * 1000, "utf-8")
    store = open_store(f"sqlite:///{tmp_path}/relay.db")
    with pytest.raises(StoreUnavailable, match=r"is not available: file is not a database"), store.read():
        pass


def test_postgresql_that_does_not_answer_is_one_clear_line_without_credentials() -> None:
    store = open_store("postgresql://relay:hemligt@127.0.0.1:1/relay")
    with pytest.raises(StoreUnavailable) as unavailable, store.read():
        pass
    assert str(unavailable.value).startswith("The database 127.0.0.1/relay is not available: ")
    assert "\n" not in str(unavailable.value)
    assert "hemligt" not in str(unavailable.value)


def test_postgresql_under_its_old_url_scheme(postgresql_databases: Databases) -> None:
    store = open_store(postgresql_databases.migrated().replace("postgresql://", "postgres://"))
    assert number(store) == 0
    store.close()


def test_a_connection_that_breaks_within_a_transaction_is_an_outage_and_the_next_one_works(
    postgresql_databases: Databases,
) -> None:
    store = open_store(postgresql_databases.migrated())
    one(store, "e1")

    def broken_off() -> None:
        with store.write() as conn:
            conn.execute(events.delete())
            own = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with store.write() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
            conn.execute(select(events.c.id)).all()

    with pytest.raises(StoreUnavailable):
        broken_off()
    assert number(store) == 1
    store.close()


def test_postgresql_that_was_restarted_meanwhile_is_not_noticed(postgresql_databases: Databases) -> None:
    store = open_store(postgresql_databases.migrated())
    with store.read() as conn:
        idle = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
    neighbour = open_store(postgresql_databases.migrated())
    with neighbour.read() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": idle})
    neighbour.close()
    one(store, "e1")
    assert number(store) == 1
    store.close()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://relay@localhost/relay", "names mysql: only SQLite and PostgreSQL are supported"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("inte en url", "can't be read"),
        ("", "can't be read"),
    ],
)
def test_a_url_that_means_no_database_we_know_is_a_wrong_setting(url: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        open_store(url)


def test_a_commit_waits_for_the_disk_whatever_the_server_is_set_to(postgresql_databases: Databases) -> None:
    """The test server commits without waiting; what was answered must not be lost in a crash."""
    store = open_store(postgresql_databases.migrated())
    for transaction in (store.read, store.write):
        with transaction() as conn:
            assert conn.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    store.close()
