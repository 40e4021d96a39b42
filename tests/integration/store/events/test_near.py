"""What an event with a missing link looks at: the waiting events near it, live ones apart from a paced replay."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from tests.integration.store.events.parking import again
from tests.integration.store.examples import arrival, event, one, take_in
from worker.store import Store
from worker.store.db.tables import events, lanes
from worker.store.events.events import REACH, Near, by_id, near

A_MINUTE = 20


def many(store: Store, name: str, number: int) -> list[str]:
    (receipt,) = take_in(store, arrival(*(event(f"{name} {n}", f"{name} {n}") for n in range(number))))
    return [each.id for each in receipt.events]


def replayed(store: Store, name: str, number: int, status: str = "delivered") -> None:
    """Events that ended, and are replayed in their turn."""
    ended = many(store, name, number)
    with store.write() as conn:
        conn.execute(update(events).where(events.c.id.in_(ended)).values(status=status))
        conn.execute(update(lanes).where(lanes.c.subject.like(f"{name} %")).values(due_at=None))
    assert again(store, ended, A_MINUTE) == number


def around(store: Store, event_id: str) -> Near:
    with store.read() as conn:
        return near(conn, "butik", by_id(conn, event_id))


def subjects(found: Near, name: str) -> Sequence[str]:
    return [each.subject for each in found.events if each.subject.startswith(name)]


def test_more_live_events_wait_than_are_looked_at(store: Store) -> None:
    many(store, "kund", REACH + 1)
    assert around(store, one(store, "e1")).more


def test_a_big_replay_holds_no_live_event(store: Store) -> None:
    replayed(store, "kund", REACH + 1)
    found = around(store, one(store, "e1"))
    assert not found.more
    assert len(subjects(found, "kund")) == REACH


def test_a_big_replay_of_dead_events_holds_no_live_event(store: Store) -> None:
    replayed(store, "kund", REACH + 1, status="dead")
    assert not around(store, one(store, "e1")).more


def test_a_big_replay_hides_no_live_event(store: Store) -> None:
    many(store, "order", 1)
    replayed(store, "kund", REACH + 1)
    assert subjects(around(store, one(store, "e1")), "order") == ["order 0"]


def test_what_came_into_a_lane_of_a_replay_counts_as_live(store: Store) -> None:
    replayed(store, "kund", REACH + 1)
    for number in range(REACH + 1):
        one(store, f"ny {number}", f"kund {number}")
    assert around(store, one(store, "e1")).more
