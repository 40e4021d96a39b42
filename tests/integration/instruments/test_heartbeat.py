"""A process that lives: what the database shows of it, and what becomes of its counts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import delete, select

from tests.fakes.clock import Clock
from worker.instruments.heartbeat import EVERY, Heartbeat, Who
from worker.instruments.tally import Tally
from worker.store import Store, open_store
from worker.store.db.tables import minutes, processes
from worker.store.instruments.processes import Process, every
from worker.store.instruments.totals import totals


def shown(store: Store) -> Sequence[Process]:
    with store.read() as conn:
        return every(conn)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_process_shows_what_it_is_and_how_busy(store: Store, clock: Clock) -> None:
    busy = [2]
    heart = Heartbeat(store, Who(kind="worker", threads=8, busy=lambda: busy[0]), Tally(), lambda: clock.now)
    heart.step()
    assert store.shard == 1
    clock.advance(EVERY)
    busy[0] = 5
    heart.step()
    (process,) = shown(store)
    assert (process.kind, process.threads, process.busy, process.slot, process.alive) == ("worker", 8, 5, 1, True)
    heart.end()
    assert shown(store) == []


def test_a_row_that_somebody_deleted_comes_back(store: Store, clock: Clock) -> None:
    heart = Heartbeat(store, Who(kind="beat"), Tally(), lambda: clock.now)
    heart.step()
    with store.write() as conn:
        conn.execute(delete(processes))
    clock.advance(EVERY)
    heart.step()
    assert [process.kind for process in shown(store)] == ["beat"]


def test_what_was_counted_in_memory_is_stored_in_the_process_s_shard(store: Store, clock: Clock) -> None:
    tally = Tally()
    heart = Heartbeat(store, Who(kind="receiver"), tally, lambda: clock.now)
    tally.add("butik", "answered:unauthorized")
    heart.step()
    tally.add("butik", "answered:unauthorized")
    heart.end()
    with store.read() as conn:
        assert totals(conn) == {("butik", "answered:unauthorized"): 2}
        assert set(conn.execute(select(minutes.c.shard)).scalars()) == {1}


def test_while_the_database_is_away_nothing_is_lost_or_raised(clock: Clock) -> None:
    tally = Tally()
    heart = Heartbeat(open_store("sqlite:////proc/finns/inte/relay.db"), Who(kind="receiver"), tally, lambda: clock.now)
    tally.add("", "answered:unknown")
    heart.step()
    heart.end()
    assert tally.drain() == {("", "answered:unknown"): 1}
