"""A SQLite file shrinks when what it held is deleted, and holds nothing of it any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.integration.conftest import Databases
from tests.integration.store.examples import arrival, event, take_in
from worker.delivery.cleanup import tidy
from worker.errors import ConfigError
from worker.settings import Delivery
from worker.store import Store, open_store
from worker.store.db import space
from worker.store.db.clock import after
from worker.store.db.migrate import migrate
from worker.store.db.tables import events, requests

DAY = 86400.0
SECRET = b"anna.ost@exempel.se"


@pytest.fixture
def file(sqlite_databases: Databases) -> Iterator[Store]:
    url = sqlite_databases.migrated()
    store = open_store(url)
    yield store
    store.close()
    sqlite_databases.drop(url)


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Store]:
    """As an earlier release made it."""
    name = tmp_path / "relay.db"
    with sqlite3.connect(name) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE before (x)")
    made.close()
    store = open_store(f"sqlite:///{name}")
    migrate(store)
    yield store
    store.close()


def fill(store: Store, number: int = 200) -> None:
    take_in(
        store,
        *(arrival(event(f"e{n}", status="ignored"), body=SECRET + bytes(9000)) for n in range(number)),
    )
    with store.write() as conn:
        conn.execute(update(events).values(received_at=after(-40 * DAY)))
        conn.execute(update(requests).values(received_at=after(-40 * DAY)))
    space.truncate_log(store)


def size(store: Store) -> int:
    assert store.file is not None
    return store.file.stat().st_size


def held(store: Store) -> bytes:
    assert store.file is not None
    log = store.file.with_name(f"{store.file.name}-wal")
    return store.file.read_bytes() + (log.read_bytes() if log.exists() else b"")


def test_the_file_shrinks_after_a_purge_and_holds_nothing_of_what_went(file: Store) -> None:
    empty = size(file)
    fill(file)
    full = size(file)
    assert full > empty + 200 * 9000
    assert SECRET in held(file)
    tidy(file, Delivery())
    assert size(file) < empty + 200_000
    assert SECRET not in held(file)


def test_pages_are_given_back_in_steps(file: Store) -> None:
    fill(file)
    with file.write() as conn:
        conn.execute(requests.delete())
    assert space.give_back(file, steps=2, pages=10) == 20
    assert space.give_back(file, steps=1000, pages=100) > 300
    assert space.give_back(file, steps=1) == 0


def test_an_older_file_keeps_its_size_until_it_is_compacted(older: Store) -> None:
    fill(older)
    full = size(older)
    tidy(older, Delivery())
    assert size(older) == full
    assert SECRET not in held(older)
    done = space.compact(older)
    assert done is not None
    assert done[0].size >= full > 2 * done[1].size
    assert done[1].gives_back
    fill(older)
    tidy(older, Delivery())
    assert size(older) < full / 2


def test_compacting_keeps_what_is_there(older: Store) -> None:
    fill(older, 3)
    space.compact(older)
    with older.read() as conn:
        assert conn.execute(select(events.c.event_id).order_by(events.c.seq)).scalars().all() == ["e0", "e1", "e2"]


def test_a_disk_without_room_for_the_copy_is_named_before_anything_is_done(older: Store) -> None:
    with pytest.raises(ConfigError, match=r"compacting needs \d+ bytes of disk, and 10 are left: make room"):
        space.compact(older, disk=10)
    after_it = space.room(older)
    assert after_it is not None
    assert not after_it.gives_back


def test_a_reader_keeps_the_log_and_the_next_one_empties_it(file: Store) -> None:
    with file.read() as conn:
        conn.execute(select(events.c.seq)).all()
        take_in(file, arrival(event("e1")))
        assert not space.truncate_log(file, patience=0)
    assert space.truncate_log(file)
    assert file.file is not None
    assert file.file.with_name(f"{file.file.name}-wal").stat().st_size == 0


def test_postgresql_looks_after_itself(postgresql_databases: Databases) -> None:
    url = postgresql_databases.migrated()
    store = open_store(url)
    assert (space.room(store), space.give_back(store, 1), space.truncate_log(store), space.wipe(store)) == (
        None,
        0,
        True,
        True,
    )
    assert space.compact(store) is None
    store.close()
    postgresql_databases.drop(url)
