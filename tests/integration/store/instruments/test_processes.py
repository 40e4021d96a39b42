"""Signs of life: who is there, who fell silent, when chores ran, and whether the database takes a write."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import event, func, select, text, update

from worker.store import Store, StoreUnavailable
from worker.store.db.clock import after
from worker.store.db.engine import ReadTimeout
from worker.store.db.tables import processes, write_probes
from worker.store.instruments.processes import (
    ALIVE,
    Kind,
    alive_by_kind,
    begin,
    end,
    every,
    last_runs,
    ran,
    sign_of_life,
)
from worker.store.instruments.write_probe import probe


def begun(store: Store, name: str, kind: Kind = "worker") -> int:
    return begin(store, id=name, kind=kind, host="värd", pid=4711, version="0.1.0", threads=8)


def test_each_gets_the_lowest_slot_that_nobody_alive_has(store: Store) -> None:
    assert [begun(store, name) for name in ("a", "b", "c")] == [1, 2, 3]
    end(store, "b", wait=5)
    assert begun(store, "d") == 2
    with store.write() as conn:
        conn.execute(update(processes).where(processes.c.id == "a").values(seen_at=after(-ALIVE - 1)))
    assert begun(store, "e") == 1


def test_who_gives_no_sign_of_life_is_not_alive(store: Store) -> None:
    begun(store, "a")
    begun(store, "b", "receiver")
    assert sign_of_life(store, "a", busy=3, wait=5)
    with store.write() as conn:
        conn.execute(update(processes).where(processes.c.id == "b").values(seen_at=after(-60)))
    with store.read() as conn:
        found = every(conn)
    assert [(process.kind, process.busy, process.threads, process.alive) for process in found] == [
        ("receiver", 0, 8, False),
        ("worker", 3, 8, True),
    ]
    assert found[0].quiet_for == pytest.approx(60, abs=5)
    alive = alive_by_kind(found)
    none = dict.fromkeys(("receiver", "beat", "console", "listener"), 0)
    assert {kind: len(some) for kind, some in alive.items()} == {**none, "worker": 1}


def test_who_was_forgotten_hears_of_it(store: Store) -> None:
    assert not sign_of_life(store, "a", busy=0, wait=5)


def test_when_a_chore_last_ran(store: Store) -> None:
    ran(store, "sweep")
    ran(store, "sweep")
    with store.read() as conn:
        assert set(last_runs(conn)) == {"sweep"}


def test_a_probe_leaves_nothing_behind(store: Store) -> None:
    for _ in range(3):
        probe(store)
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(write_probes)).scalar_one() == 0


def test_a_probe_fails_when_there_is_no_room(sqlite_store: Store) -> None:
    with sqlite_store.read() as conn:
        pages = conn.execute(text("PRAGMA page_count")).scalar_one()
    room = {"pages": pages}
    event.listen(
        sqlite_store.engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count = {room['pages']}")
    )
    with pytest.raises(StoreUnavailable):
        probe(sqlite_store)
    room["pages"] += 100
    probe(sqlite_store)


SLOW = {
    "postgresql": "SELECT pg_sleep(10)",
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c",
}


def test_a_question_has_its_time_and_the_connection_is_whole_after_it(store: Store) -> None:
    def ask() -> None:
        with store.read_within(0.05) as conn:
            conn.execute(text(SLOW[conn.dialect.name]))

    for _ in range(2):
        with pytest.raises(ReadTimeout, match=r"did not answer within 0\.05 s"):
            ask()
    with store.read_within(5) as conn:
        assert conn.execute(text("SELECT 1")).scalar_one() == 1
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(processes)).scalar_one() == 0


def test_many_short_questions_have_the_time_of_one(store: Store) -> None:
    until = time.monotonic() + 30

    def ask() -> None:
        with store.read_within(0.05) as conn:
            while time.monotonic() < until:
                conn.execute(select(1))

    with pytest.raises(ReadTimeout):
        ask()
