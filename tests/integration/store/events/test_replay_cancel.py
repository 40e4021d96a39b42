"""Replays that are taken back: what has not begun is as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from tests.integration.store.events.parking import again
from tests.integration.store.events.test_replay_rate import A_MINUTE, delivered, go, rung, work
from tests.integration.store.examples import one
from worker.plan import QualifiedKey
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.tables import events, lanes
from worker.store.events.replay_cancel import TakenBack, take_back
from worker.store.lanes.backlog import rescue


def rows(store: Store) -> Sequence[Mapping[str, Any]]:
    with store.read() as conn:
        return [dict(row) for row in conn.execute(select(events).order_by(events.c.seq)).mappings()]


def as_ended(store: Store, event: str, **values: Any) -> None:
    with store.write() as conn:
        conn.execute(update(events).where(events.c.id == event).values(done_at=after(-60), attempts=3, **values))


def test_replays_are_gone_and_what_had_not_been_delivered_is_as_it_was(store: Store) -> None:
    wanted = delivered(store, *"abc")
    as_ended(store, wanted[1], status="dead", reason="400: fel", note="en not")
    asked = {"review_key": QualifiedKey("kassa", "account", "K:1"), "candidates": [4, 7]}
    kept = {"waits_for": QualifiedKey("butik", "order", "1"), "waits_until": after(900)}
    as_ended(store, wanted[2], status="review", reason="vilken?", **asked, **kept)
    before = rows(store)

    assert again(store, wanted, A_MINUTE) == 3
    assert rows(store) != before
    assert take_back(store) == TakenBack(replays=1, restored=2)

    assert rows(store) == before
    assert (go(store, seconds=60), rung(store), rescue(store)) == (0, [], 0)
    assert take_back(store) == TakenBack()


def test_what_has_begun_goes_on(store: Store) -> None:
    again(store, delivered(store, *"abc"), A_MINUTE)
    go(store)
    assert take_back(store) == TakenBack(replays=2)
    assert rung(store) == ["a"]
    assert len(work(store, "a")) == 1


def test_a_lane_that_something_came_into_has_begun(store: Store) -> None:
    again(store, delivered(store, "kund:1"), A_MINUTE)
    live = one(store, "ny", "kund:1", minute=99)
    assert take_back(store) == TakenBack()
    assert [event.id == live for event in work(store, "kund:1")] == [False, True]


def test_only_that_of_a_connection_is_taken_back(store: Store) -> None:
    again(store, delivered(store, "a") + delivered(store, "a", connection="kassa"), A_MINUTE)
    assert take_back(store, "kassa") == TakenBack(replays=1)
    assert (go(store), go(store, connection="kassa")) == (1, 0)


def test_one_that_was_replayed_before_dies_and_is_put_off_again_is_dead_again(store: Store) -> None:
    (first,) = delivered(store, "a")
    again(store, [first], A_MINUTE)
    (replay,) = [row["id"] for row in rows(store) if row["replay"]]
    go(store)
    as_ended(store, replay, status="dead", reason="nej")
    with store.write() as conn:
        conn.execute(update(lanes).values(due_at=None))
    again(store, [replay], A_MINUTE)
    assert take_back(store) == TakenBack(restored=1)
    assert [(row["status"], row["reason"]) for row in rows(store)] == [("delivered", None), ("dead", "nej")]


def test_after_it_a_replay_can_be_begun_again(store: Store) -> None:
    wanted = delivered(store, "a")
    as_ended(store, wanted[0], status="dead", reason="400: fel")
    for _ in range(2):
        assert again(store, wanted, A_MINUTE) == 1
        assert take_back(store).restored == 1
    again(store, wanted, A_MINUTE)
    assert go(store, seconds=1) == 1
    assert [event.id for event in work(store, "a")] == wanted


def test_what_an_earlier_release_put_off_is_left(store: Store) -> None:
    wanted = delivered(store, "a")
    as_ended(store, wanted[0], status="dead", reason="400: fel")
    again(store, wanted, A_MINUTE)
    with store.write() as conn:
        conn.execute(update(events).values(former=None))
    assert take_back(store) == TakenBack(left=1)
    assert go(store, seconds=1) == 1
