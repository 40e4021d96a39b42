"""What was counted is read in stretches: each count in one of them, whether it is in an hour yet or not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from tests.integration.store.explained import plans
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.tables import minutes
from worker.store.instruments.counters import MENDED, RECEIVED, count, minute_of
from worker.store.instruments.over_time import by_stretch
from worker.store.instruments.rollup import roll_up

HOURS = 12


@pytest.fixture
def minute(store: Store) -> int:
    """One event each ten minutes of the last hours, and what nobody asks for."""
    with store.write() as conn:
        at = now(conn)
        for ago in range(0, HOURS * 60, 10):
            count(
                conn,
                {("shop", RECEIVED): 1, ("crm", RECEIVED): 2, ("shop", "duplicate"): 7},
                at - timedelta(minutes=ago),
            )
    return minute_of(at)


@pytest.mark.parametrize("step", [1, 60, 180])
@pytest.mark.parametrize("rolled", [False, True])
def test_each_count_is_in_one_stretch(store: Store, minute: int, step: int, *, rolled: bool) -> None:
    if rolled:
        assert roll_up(store)
    since = (minute - HOURS * 60) // step * step
    with store.read() as conn:
        found = by_stretch(conn, [RECEIVED], since, step)
    assert {what for _, what, _ in found} == {RECEIVED}
    expected = {("shop", (minute - ago) // step): 0 for ago in range(0, HOURS * 60, 10)}
    for ago in range(0, HOURS * 60, 10):
        expected["shop", (minute - ago) // step] += 1
    assert {(name, place): n for (name, _, place), n in found.items() if name == "shop"} == expected
    assert sum(n for (name, _, _), n in found.items() if name == "crm") == 2 * sum(expected.values())


def test_hours_are_asked_once_their_minutes_are_gone(store: Store, minute: int) -> None:
    roll_up(store)
    with store.write() as conn:
        conn.execute(delete(minutes).where(minutes.c.minute < minute - 180))
    with plans(store) as found, store.read() as conn:
        counted = by_stretch(conn, [RECEIVED], (minute - HOURS * 60) // 60 * 60, 60)
    assert sum(n for (name, _, _), n in counted.items() if name == "shop") == HOURS * 6
    assert not [plan for plan in found if "SCAN minutes" in plan or "SCAN hours" in plan]


def test_what_was_taken_back_counts_below_nought(store: Store) -> None:
    with store.write() as conn:
        at = now(conn)
        count(conn, {("shop", MENDED): -3}, at)
        count(conn, {("shop", MENDED): -4}, at - timedelta(hours=3))
    roll_up(store)
    with store.read() as conn:
        found = by_stretch(conn, [MENDED], (minute_of(at) - 300) // 60 * 60, 60)
    assert sorted(found.values()) == [-4, -3]
