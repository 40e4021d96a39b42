"""Many replays: in their turn, at a rate, and never in the way of what comes in."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as listening
from sqlalchemy import select, update

from tests.integration.store.events.parking import again
from tests.integration.store.examples import NOON, arrival, event, one, take_in
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.retention import purge
from worker.store.db.tables import events, lanes, paces
from worker.store.events.outcomes import Outcome, release
from worker.store.events.replay_rate import let_go
from worker.store.instruments.gauges import oldest_waiting
from worker.store.lanes.backlog import rescue
from worker.store.lanes.connections import pause, resume
from worker.store.lanes.due import due
from worker.store.lanes.lanes import claim

A_MINUTE = 20
"""One each three seconds."""


def delivered(store: Store, *subjects: str, connection: str = "butik") -> list[str]:
    """Events that ended a while ago, one of each subject, the oldest first."""
    told = [event(f"e {subject}", subject, minute=minute) for minute, subject in enumerate(subjects)]
    (receipt,) = take_in(store, arrival(*told, connection=connection))
    with store.write() as conn:
        of_these = events.c.id.in_([each.id for each in receipt.events])
        conn.execute(update(events).where(of_these).values(status="delivered"))
        conn.execute(update(lanes).values(due_at=None, lease_until=after(-3600)))
    return [each.id for each in receipt.events]


def rung(store: Store, connection: str = "butik") -> list[str]:
    with store.write() as conn:
        return [each.subject for each in due(conn, connection, 500, 0)]


def go(store: Store, *, seconds: float = 0.0, connection: str = "butik") -> int:
    """How many are let go when so many seconds have passed."""
    with store.write() as conn:
        if seconds:
            conn.execute(update(paces).values(next_at=after(-seconds)))
        return let_go(conn, connection)


def work(store: Store, subject: str) -> Sequence[Any]:
    claimed = claim(store, "butik", subject, "w1", 60)
    assert claimed is not None
    release(store, claimed, [Outcome(each.id, "delivered") for each in claimed.events])
    return claimed.events


def test_they_go_one_after_the_other_the_oldest_first(store: Store) -> None:
    wanted = delivered(store, "c", "a", "b")
    assert again(store, wanted, A_MINUTE) == 3
    for subject in ("c", "a", "b"):
        assert rung(store) == []
        assert (go(store, seconds=0.1), go(store)) == (1, 0)
        assert rung(store) == [subject]
        assert [each.replay for each in work(store, subject)] != [""]
    assert go(store, seconds=0.1) == 0
    with store.read() as conn:
        assert conn.execute(select(paces)).all() == []


def test_a_replay_keeps_its_time_and_its_place_in_it(store: Store) -> None:
    first, second = (one(store, name) for name in ("e1", "e2"))
    work(store, "kund:Åsa")
    again(store, [first], A_MINUTE)
    go(store)
    (replay,) = work(store, "kund:Åsa")
    with store.read() as conn:
        seq = {row.id: row.seq for row in conn.execute(select(events.c.id, events.c.seq))}
    assert (replay.time, replay.event_id, replay.seq) == (NOON, "e1", seq[first])
    assert replay.seq < seq[second] < seq[replay.id]


@pytest.mark.parametrize(("seconds", "turns"), [(2.5, 1), (3.5, 2), (6.5, 3), (9.5, 4), (3600.0, 4)])
def test_turns_that_were_missed_long_ago_are_not_made_up_for(store: Store, seconds: float, turns: int) -> None:
    again(store, delivered(store, *"abcdefgh"), A_MINUTE)
    assert go(store, seconds=seconds) == turns


def test_however_many_ask_a_turn_is_given_once(store: Store) -> None:
    again(store, delivered(store, *"abcdefgh"), A_MINUTE)
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: go(store), range(12))) == 1


def test_connections_have_a_pace_each(store: Store) -> None:
    wanted = delivered(store, *"ab") + delivered(store, *"ab", connection="kassa")
    again(store, wanted, A_MINUTE)
    assert (go(store), go(store, connection="kassa"), go(store)) == (1, 1, 0)


def test_a_second_replay_is_not_swallowed_and_stands_behind_the_first(store: Store) -> None:
    a, b, c = delivered(store, *"abc")
    assert again(store, [b, a], A_MINUTE) == 2
    assert again(store, [c, b], 60) == 2
    turns = []
    for _ in range(3):
        assert go(store, seconds=0.1) == 1
        (subject,) = rung(store)
        turns.append((subject, len(work(store, subject))))
    assert turns == [("b", 2), ("a", 1), ("c", 1)]


def test_what_comes_in_waits_for_no_turn_and_takes_the_replay_along(store: Store) -> None:
    again(store, delivered(store, *(f"kund:{n}" for n in range(50))), A_MINUTE)
    live = one(store, "ny", "kund:40", minute=99)
    assert rung(store) == ["kund:40"]
    assert [each.id for each in work(store, "kund:40")][1:] == [live]
    assert sum(go(store, seconds=0.1) for _ in range(60)) == 49


def test_a_lane_that_waits_already_takes_the_replay_along(store: Store) -> None:
    (old,) = delivered(store, "a")
    one(store, "ny", "a", minute=99)
    again(store, [old], A_MINUTE)
    assert rung(store) == ["a"]
    assert [each.event_id for each in work(store, "a")] == ["e a", "ny"]


def test_while_something_else_waits_no_turn_is_given(store: Store) -> None:
    again(store, delivered(store, *"ab"), A_MINUTE)
    one(store, "ny", "c")
    assert go(store) == 1
    with store.write() as conn:
        conn.execute(update(lanes).where(lanes.c.subject == "c").values(due_at=after(-6)))
    assert go(store, seconds=0.1) == 0
    work(store, "c")
    with store.write() as conn:
        conn.execute(update(lanes).where(lanes.c.subject == "a").values(due_at=None))
    assert go(store, seconds=0.1) == 1


def test_one_that_is_dead_or_in_review_is_tried_again_itself_and_what_waits_is_left_out(store: Store) -> None:
    wanted = delivered(store, *"abcd")
    for id_, status in zip(wanted, ("dead", "review", "pending", "ignored"), strict=True):
        with store.write() as conn:
            failed = {"status": status, "attempts": 9, "reason": "fel"}
            conn.execute(update(events).where(events.c.id == id_).values(**failed))
    assert again(store, [*wanted, "okänd"], A_MINUTE) == 3
    with store.read() as conn:
        found = conn.execute(select(events.c.id, events.c.attempts).where(events.c.status == "pending")).all()
    assert len(found) == 4
    assert {(wanted[0], 0), (wanted[1], 0), (wanted[2], 9)} < {tuple(row) for row in found}


def test_a_parked_lane_is_neither_forgotten_nor_purged_nor_hastened_by_a_resume(store: Store) -> None:
    again(store, delivered(store, "a"), A_MINUTE)
    pause(store, "butik", "prov", probe_in=None)
    resume(store, "butik")
    assert rescue(store) == 0
    assert purge(store, keep_events=60, keep_calls=60).lanes == 0
    assert rung(store) == []
    assert go(store) == 1


def test_many_are_one_transaction_of_few_statements(store: Store) -> None:
    wanted = delivered(store, *(f"kund:{n}" for n in range(400)))
    counted = {"begin": 0, "before_cursor_execute": 0}

    def count(name: str) -> None:
        def counting(*_: Any) -> None:
            counted[name] += 1

        listening.listen(store.engine, name, counting)

    for name in counted:
        count(name)
    assert again(store, wanted, A_MINUTE) == 400
    assert counted["begin"] == 1
    assert counted["before_cursor_execute"] < 15


def test_replays_that_wait_make_nothing_look_late(store: Store) -> None:
    again(store, delivered(store, "a"), A_MINUTE)
    with store.write() as conn:
        conn.execute(update(events).values(received_at=after(-3600)))
    with store.read() as conn:
        assert oldest_waiting(conn, ["butik"]) == {"butik": 0.0}


def test_the_order_of_turns_is_that_of_the_replay_to_the_microsecond(store: Store) -> None:
    again(store, delivered(store, *"dacb"), A_MINUTE)
    with store.read() as conn:
        parked = conn.execute(select(lanes.c.subject, lanes.c.parked_at).order_by(lanes.c.parked_at)).all()
    assert [row.subject for row in parked] == ["d", "a", "c", "b"]
    assert parked[-1].parked_at - parked[0].parked_at == timedelta(microseconds=3)
