"""Lanes: one owner at a time, in the sender's order, and nothing that came in is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Update, delete, select, update

from tests.integration.store.examples import NOON, arrival, event, one
from worker.errors import LeaseLost
from worker.plan import QualifiedKey
from worker.store import Store
from worker.store.db.clock import after, now
from worker.store.db.retention import purge
from worker.store.db.tables import events, lanes
from worker.store.events.arrival import Arrival
from worker.store.events.intake import accept
from worker.store.events.outcomes import Outcome, defer, release
from worker.store.events.replay import drop
from worker.store.lanes.accounts import rebind
from worker.store.lanes.backlog import lanes_due, rescue, waiting
from worker.store.lanes.due import due, mark_rung
from worker.store.lanes.lanes import SUSPECT, Claim, claim

SUBJECT = "kund:Åsa"


def claimed(store: Store, owner: str = "w1", *, batch: int = 100) -> Claim:
    found = claim(store, "butik", SUBJECT, owner, 60, batch)
    assert found is not None
    return found


def lapse(store: Store) -> None:
    """Let the lane's lease run out."""
    with store.write() as conn:
        conn.execute(update(lanes).values(lease_until=after(-1)))


def hasten(store: Store) -> None:
    """Let the lane's due time come."""
    with store.write() as conn:
        conn.execute(update(lanes).values(due_at=after(-1)))


def lane_row(store: Store) -> Any:
    with store.read() as conn:
        return conn.execute(select(lanes)).one()


def event_row(store: Store, event: str) -> Any:
    with store.read() as conn:
        return conn.execute(select(events).where(events.c.id == event)).one()


def test_a_claim_holds_the_events_in_the_senders_order(store: Store) -> None:
    ids = [one(store, name, minute=minute) for name, minute in (("c", 2), ("a", 1), ("d", 2), ("b", 1))]
    found = claimed(store)
    assert [event.id for event in found.events] == [ids[1], ids[3], ids[0], ids[2]]
    assert (found.connection, found.subject, found.attempts) == ("butik", SUBJECT, 0)
    assert {event.claims for event in found.events} == {1}
    assert found.events[0].time == NOON + timedelta(minutes=1)


def test_a_lane_that_begins_with_a_suspect_is_put_off_for_a_moment_while_no_suspects_are_taken(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        conn.execute(update(events).values(claims=SUSPECT))
    assert claim(store, "butik", SUBJECT, "w1", 60, suspects=False) is None
    due_at = lane_row(store).due_at
    with store.read() as conn:
        assert timedelta(0) < due_at - now(conn) <= timedelta(seconds=1)
    hasten(store)
    assert claim(store, "butik", SUBJECT, "w1", 60) is not None


def test_a_lane_that_is_owned_is_left_to_its_owner(store: Store) -> None:
    one(store, "e1")
    claimed(store)
    assert claim(store, "butik", SUBJECT, "w2", 60) is None


def test_a_lane_without_anything_due_is_not_claimed(store: Store) -> None:
    assert claim(store, "butik", "okänd", "w1", 60) is None
    one(store, "e1")
    with store.write() as conn:
        conn.execute(update(lanes).values(due_at=after(60)))
    assert claim(store, "butik", SUBJECT, "w1", 60) is None


def test_a_lane_whose_events_were_dropped_is_not_due_any_more(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        conn.execute(update(events).values(status="ignored"))
    assert claim(store, "butik", SUBJECT, "w1", 60) is None
    assert lane_row(store).due_at is None


def test_an_overtaken_worker_writes_nothing(store: Store) -> None:
    event = one(store, "e1")
    slow = claimed(store)
    lapse(store)
    quick = claimed(store, "w2")
    assert quick.token > slow.token
    assert quick.events[0].claims == 2
    for late in (
        lambda: release(store, slow, [Outcome(event, "dead", "too late")]),
        lambda: defer(store, slow, seconds=1, attempts=1, failing=True),
    ):
        with pytest.raises(LeaseLost):
            late()
    assert event_row(store, event).status == "pending"
    assert lane_row(store).owner == "w2"


def test_who_held_a_lane_that_was_purged_meanwhile_writes_nothing_in_its_successor(store: Store) -> None:
    event = one(store, "e1")
    slow = claimed(store)
    with store.write() as conn:
        conn.execute(update(events).values(status="ignored"))
        conn.execute(delete(lanes))
    one(store, "e2")
    quick = claimed(store, "w2")
    assert quick.token > slow.token
    with pytest.raises(LeaseLost):
        release(store, slow, [Outcome(event, "delivered")])
    assert lane_row(store).owner == "w2"


def test_a_lane_that_was_taken_away_is_no_idle_one_yet(store: Store) -> None:
    """Whoever held it may still be at work."""
    event = one(store, "e1")
    claimed(store)
    rebind(store, "butik")
    drop(store, event, "prov")
    with store.write() as conn:
        due(conn, "butik", 10, 30)
    assert purge(store, keep_events=86400, keep_calls=86400).lanes == 0
    assert lane_row(store).due_at is None


def test_a_worker_whose_lease_ran_out_unnoticed_goes_on(store: Store) -> None:
    event = one(store, "e1")
    found = claimed(store)
    lapse(store)
    release(store, found, [Outcome(event, "delivered")])
    assert event_row(store, event).status == "delivered"


def test_a_claim_that_was_given_back_is_over(store: Store) -> None:
    one(store, "e1")
    found = claimed(store)
    defer(store, found, seconds=0, attempts=0, failing=False)
    with pytest.raises(LeaseLost):
        release(store, found)


def test_a_delivered_event_ends_the_lanes_failures(store: Store) -> None:
    event = one(store, "e1")
    with store.write() as conn:
        conn.execute(update(lanes).values(attempts=7))
    found = claimed(store)
    assert found.attempts == 7
    assert release(store, found, [Outcome(event, "delivered", None)])
    row = lane_row(store)
    assert (row.attempts, row.due_at, row.owner) == (0, None, None)
    assert event_row(store, event).done_at is not None


def test_a_dead_event_leaves_the_lanes_failures(store: Store) -> None:
    event = one(store, "e1")
    with store.write() as conn:
        conn.execute(update(lanes).values(attempts=3))
    release(store, claimed(store), [Outcome(event, "dead", "e-posten saknas")])
    assert (lane_row(store).attempts, event_row(store, event).reason) == (3, "e-posten saknas")


def test_an_event_in_review_keeps_what_a_person_is_asked(store: Store) -> None:
    first, second = one(store, "e1"), one(store, "e2")
    key = QualifiedKey("formulär", "account", "K: Åsas 'Åkeri'")
    asked = Outcome(first, "review", "två poster", key, (18, 17))
    release(store, claimed(store), [asked, Outcome(second, "dead", "e-posten saknas")])
    rows = [event_row(store, event) for event in (first, second)]
    assert [(row.status, row.review_key, row.candidates) for row in rows] == [
        ("review", key, [18, 17]),
        ("dead", None, None),
    ]


def test_what_a_person_ended_meanwhile_stays(store: Store) -> None:
    event = one(store, "e1")
    found = claimed(store)
    with store.write() as conn:
        conn.execute(update(events).values(status="ignored", reason="dropped"))
    release(store, found, [Outcome(event, "delivered")])
    assert event_row(store, event).status == "ignored"


def test_what_came_in_meanwhile_is_not_released_away(store: Store) -> None:
    first = one(store, "e1")
    found = claimed(store)
    second = one(store, "e2")
    assert not release(store, found, [Outcome(first, "delivered")])
    again = claimed(store)
    assert [event.id for event in again.events] == [second]


def test_what_is_beyond_the_batch_is_claimed_next(store: Store) -> None:
    ids = [one(store, f"e{n}") for n in range(5)]
    found = claimed(store, batch=3)
    assert [event.id for event in found.events] == ids[:3]
    assert not release(store, found, [Outcome(event.id, "delivered") for event in found.events])
    assert [event.id for event in claimed(store).events] == ids[3:]


def test_a_failure_is_counted_and_waited_for(store: Store) -> None:
    event, other = one(store, "e1"), one(store, "e2")
    found = claimed(store)
    defer(
        store,
        found,
        seconds=30,
        attempts=4,
        failing=True,
        reason="Upsales svarar inte",
        outcomes=[Outcome(other, "delivered")],
    )
    row = lane_row(store)
    with store.read() as conn:
        assert timedelta(seconds=25) < row.due_at - now(conn) <= timedelta(seconds=30)
    assert (row.attempts, row.owner) == (4, None)
    failed = event_row(store, event)
    assert (failed.attempts, failed.claims, failed.reason) == (1, 0, "Upsales svarar inte")
    assert (event_row(store, other).status, event_row(store, other).attempts) == ("delivered", 0)
    hasten(store)
    assert [(e.attempts, e.claims) for e in claimed(store).events] == [(1, 1)]


def test_what_comes_into_a_lane_that_waits_after_a_failure_is_no_further_try(store: Store) -> None:
    one(store, "e1")
    defer(store, claimed(store), seconds=600, attempts=1, failing=True, reason="Upsales svarar inte")
    waits_until = lane_row(store).due_at
    one(store, "e2")
    assert lane_row(store).due_at == waits_until


def test_waiting_that_is_nobodys_fault_counts_for_nothing(store: Store) -> None:
    event = one(store, "e1")
    defer(store, claimed(store), seconds=0, attempts=1, failing=True)
    defer(store, claimed(store), seconds=40, attempts=1, failing=False, reason="paused")
    found = event_row(store, event)
    assert (found.attempts, found.reason) == (1, "paused")


def test_urgent_lanes_are_due_first_then_the_longest_due(store: Store) -> None:
    for name in ("gammal", "ny"):
        one(store, name, name)
    urgent = [one(store, name, name, priority=True) for name in ("bråttom", "också bråttom")]
    first = one(store, "e0", "ny", minute=-5, type="customers/create")
    with store.write() as conn:
        for minutes, subject in enumerate(("ny", "gammal", "också bråttom", "bråttom")):
            conn.execute(
                update(lanes).where(lanes.c.subject == subject).values(due_at=NOON - timedelta(minutes=minutes))
            )
        found = due(conn, "butik", 10, 30)
    assert [d.subject for d in found] == ["bråttom", "också bråttom", "gammal", "ny"]
    assert [d.priority for d in found] == [True, True, False, False]
    assert [d.event for d in found[:2]] == urgent
    assert (found[3].event, found[3].type) == (first, "customers/create")


@pytest.mark.parametrize(("urgent", "others"), [(3, 2), (0, 2), (3, 0), (9, 9)])
def test_urgent_and_other_lanes_are_limited_apart(store: Store, urgent: int, others: int) -> None:
    for n in range(4):
        one(store, f"u{n}", f"u{n}", priority=True)
        one(store, f"e{n}", f"e{n}")
    with store.write() as conn:
        found = [d.priority for d in due(conn, "butik", others, 30, urgent=urgent)]
    assert found == [True] * min(urgent, 4) + [False] * min(others, 4)


def ring(store: Store, *, since: datetime | None = None) -> int:
    """Rings what is due; answers how many lanes that were."""
    with store.write() as conn:
        found = due(conn, "butik", 10, 30, since=since)
        mark_rung(conn, found, now(conn))
        return len(found)


def test_what_was_seen_and_not_rung_is_due_still(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        assert [len(due(conn, "butik", 10, 30)) for _ in range(2)] == [1, 1]


def test_what_was_rung_before_redis_was_empty_is_rung_again_once(store: Store) -> None:
    one(store, "e1")
    assert (ring(store), ring(store)) == (1, 0)
    with store.read() as conn:
        emptied = now(conn)
    assert (ring(store, since=emptied), ring(store, since=emptied)) == (1, 0)


def test_what_comes_in_while_a_lane_is_being_rung_is_not_held_back(store: Store) -> None:
    """Its worker may be done before the mark is written."""
    one(store, "e1")
    with store.write() as conn:
        seen, found = now(conn), due(conn, "butik", 10, 30)
    assert release(store, claimed(store), [Outcome(found[0].event, "delivered")])
    one(store, "e2")
    with store.write() as conn:
        mark_rung(conn, found, seen)
    assert ring(store) == 1


def test_a_lane_is_rung_once_until_it_is_due_again_or_the_wake_up_seems_lost(store: Store) -> None:
    one(store, "e1")
    assert (ring(store), ring(store)) == (1, 0)
    with store.write() as conn:
        conn.execute(update(lanes).values(rung_at=after(-31), due_at=after(-40)))
    assert (ring(store), ring(store)) == (1, 0)
    with store.write() as conn:
        conn.execute(update(lanes).values(rung_at=after(-9), due_at=after(-1)))
    assert (ring(store), ring(store)) == (1, 0)


def test_owned_and_waiting_lanes_and_other_connections_are_not_rung(store: Store) -> None:
    one(store, "e1")
    one(store, "e2", "vilar")
    one(store, "e3", "annan", connection="formulär")
    claimed(store)
    with store.write() as conn:
        conn.execute(update(lanes).where(lanes.c.subject == "vilar").values(due_at=after(60)))
        assert due(conn, "butik", 10, 30) == []
        assert [d.subject for d in due(conn, "formulär", 10, 30)] == ["annan"]
    lapse(store)
    with store.write() as conn:
        assert [d.subject for d in due(conn, "butik", 10, 30)] == [SUBJECT]


def test_a_lane_that_nothing_waits_in_is_forgotten(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        conn.execute(update(events).values(status="ignored"))
        assert due(conn, "butik", 10, 30) == []
    assert lane_row(store).due_at is None


def test_counts_of_what_waits(store: Store) -> None:
    one(store, "e1")
    one(store, "e2")
    one(store, "e3", connection="formulär")
    one(store, "e4", status="dead")
    with store.read() as conn:
        assert waiting(conn) == {"butik": 2, "formulär": 1}
        assert lanes_due(conn, "butik") == 1


def test_a_lane_that_was_forgotten_by_mistake_is_rescued(store: Store) -> None:
    one(store, "e1", "a")
    one(store, "e2", "b", priority=True)
    one(store, "e3", "c", status="dead")
    with store.write() as conn:
        conn.execute(update(lanes).where(lanes.c.subject == "a").values(due_at=None))
        conn.execute(delete(lanes).where(lanes.c.subject == "b"))
    assert (rescue(store), rescue(store)) == (2, 0)
    with store.write() as conn:
        assert [d.subject for d in due(conn, "butik", 10, 30)] == ["b", "a"]


class Interrupted:
    """A connection on which an event comes in before the first update."""

    def __init__(self, conn: Connection, arrives: Arrival) -> None:
        self._conn = conn
        self._arrives: Arrival | None = arrives

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    def execute(self, statement: Any, *arguments: Any) -> Any:
        if isinstance(statement, Update) and self._arrives is not None:
            arrives, self._arrives = self._arrives, None
            list(accept(self._conn, [arrives]))
        return self._conn.execute(statement, *arguments)


def test_a_lane_that_was_seen_empty_stays_due_for_what_just_came_in(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        conn.execute(update(events).values(status="ignored", reason="dropped"))
    with store.write() as conn:
        assert not due(cast("Connection", Interrupted(conn, arrival(event("e2")))), "butik", 10, 60)
    assert lane_row(store).due_at is not None
    assert len(claimed(store).events) == 1
