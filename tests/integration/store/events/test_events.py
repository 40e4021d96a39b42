"""Events as people see them, and what people decide about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.integration.store.events.parking import again
from tests.integration.store.examples import NOON, arrival, event, one, take_in
from worker.errors import ConfigError, NeedsReview
from worker.plan import QualifiedKey
from worker.sdk.request import Request
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.retention import Purged, purge
from worker.store.db.tables import calls, events, lanes, requests
from worker.store.events.events import (
    Event,
    Place,
    counts,
    listed,
    place,
    request_of,
    requests_of,
    show,
)
from worker.store.events.outcomes import Outcome, release
from worker.store.events.replay import drop, replay, report, revive, revive_reviewed
from worker.store.instruments.gauges import oldest_waiting
from worker.store.lanes.lanes import claim
from worker.store.ledger.write_calls import Caller, intend

DAY = 86400.0
ACME = QualifiedKey("butik", "account", "K-1: Åsa")


def shown(store: Store, of: str) -> Event:
    with store.read() as conn:
        found = show(conn, of)
    assert found is not None
    return found


def found(store: Store, **filters: Any) -> list[str]:
    with store.read() as conn:
        return [event.event_id for event in listed(conn, **filters)]


def deliver(store: Store, subject: str = "kund:Åsa") -> None:
    claimed = claim(store, "butik", subject, "w1", 60)
    assert claimed is not None
    release(store, claimed, [Outcome(event.id, "delivered") for event in claimed.events])


def test_an_event_is_shown_with_its_next_attempt_while_it_waits(store: Store) -> None:
    id_ = one(store, "e1", priority=True)
    waiting = shown(store, id_)
    assert (waiting.id, waiting.event_id, waiting.status, waiting.priority) == (id_, "e1", "pending", True)
    assert (waiting.time, waiting.subject) == (NOON, "kund:Åsa")
    assert waiting.next_attempt is not None
    deliver(store)
    assert (shown(store, id_).status, shown(store, id_).next_attempt) == ("delivered", None)


def test_an_event_is_found_by_the_senders_id_the_newest_first(store: Store) -> None:
    first = one(store, "e1")
    assert shown(store, "e1").id == first
    again = replay(store, first)
    assert shown(store, "e1").id == again
    with store.read() as conn:
        assert show(conn, "okänd") is None


def test_events_are_found_by_what_is_known_of_them_newest_first(store: Store) -> None:
    one(store, "e1")
    one(store, "e2", "order:ß", type="orders/paid")
    one(store, "e3", connection="formulär")
    one(store, "e4", status="dead")
    take_in(store, arrival(event("e5"), received_at=NOON + timedelta(days=1)))
    assert found(store) == ["e5", "e4", "e3", "e2", "e1"]
    assert found(store, connection="formulär") == ["e3"]
    assert found(store, type="orders/paid") == ["e2"]
    assert found(store, subject="order:ß") == ["e2"]
    assert found(store, statuses=["dead", "review"]) == ["e4"]
    assert found(store, since=NOON + timedelta(days=1)) == ["e5"]
    assert found(store, until=NOON + timedelta(days=1)) == [each for each in found(store) if each != "e5"]
    assert found(store, limit=2) == ["e5", "e4"]


def test_where_an_event_waits(store: Store) -> None:
    id_ = one(store, "e1")
    with store.read() as conn:
        assert place(conn, id_) == Place(
            "butik", "kund:Åsa", "pending", "customers/update", priority=False, event_id="e1"
        )
        assert place(conn, "okänd") is None


def test_the_request_comes_back_as_it_was_stored(store: Store) -> None:
    sent = arrival(event("e1"))
    take_in(store, sent)
    with store.read() as conn:
        request = request_of(conn, sent.request_id)
        assert request == Request("POST", "/webhooks/butik", tuple(sent.headers), sent.body)
        assert requests_of(conn, [sent.request_id, sent.request_id, "okänd"]) == {sent.request_id: request}


def test_numbers(store: Store) -> None:
    one(store, "e1")
    one(store, "e2")
    one(store, "e3", status="dead")
    take_in(store, arrival(event("e4"), connection="formulär"))
    with store.write() as conn:
        conn.execute(update(events).where(events.c.event_id == "e1").values(received_at=after(-100)))
        conn.execute(update(events).where(events.c.event_id != "e1").values(received_at=after(-10)))
    with store.read() as conn:
        assert counts(conn) == {("butik", "pending"): 2, ("butik", "dead"): 1, ("formulär", "pending"): 1}
        ages = oldest_waiting(conn, ["butik", "formulär"])
    assert 100 <= ages["butik"] < 110
    assert 10 <= ages["formulär"] < 20


def test_a_replay_is_an_event_of_its_own_with_the_same_place_in_time(store: Store) -> None:
    first = one(store, "e1")
    deliver(store)
    second, third = replay(store, first), replay(store, first)
    assert len({first, second, third}) == 3
    again = shown(store, second)
    assert (again.status, again.time, again.event_id, again.replay) == ("pending", NOON, "e1", second)
    claimed = claim(store, "butik", "kund:Åsa", "w1", 60)
    assert claimed is not None
    assert [waiting.id for waiting in claimed.events] == [second, third]
    assert claimed.events[0].request_id == shown(store, first).request_id


@pytest.mark.parametrize(
    ("status", "told"), [("dead", "was dead before: fel"), ("review", "was in review before: fel")]
)
def test_an_event_that_ended_badly_is_tried_again(store: Store, status: str, told: str) -> None:
    id_ = one(store, "e1")
    with store.write() as conn:
        conn.execute(update(events).values(status=status, attempts=9, claims=5, reason="fel"))
        conn.execute(update(lanes).values(due_at=None))
    revive(store, id_)
    claimed = claim(store, "butik", "kund:Åsa", "w1", 60)
    assert claimed is not None
    assert [(e.id, e.attempts, e.claims) for e in claimed.events] == [(id_, 0, 1)]
    assert (shown(store, id_).reason, shown(store, id_).note) == (None, told)


@pytest.mark.parametrize("status", ["pending", "dead", "review"])
def test_an_event_that_has_not_succeeded_can_be_dropped(store: Store, status: str) -> None:
    id_ = one(store, "e1")
    with store.write() as conn:
        conn.execute(update(events).values(status=status))
    drop(store, id_, "dubblett, säger Åsa")
    assert (shown(store, id_).status, shown(store, id_).reason) == ("ignored", "dubblett, säger Åsa")
    assert claim(store, "butik", "kund:Åsa", "w1", 60) is None


def test_what_cannot_be_decided_is_put_up_for_review(store: Store) -> None:
    id_ = one(store, "e1")
    deliver(store)
    with store.write() as conn:
        report(conn, id_, NeedsReview("två poster i Upsales", key=ACME, candidates=(17, 18)))
    event = shown(store, id_)
    assert (event.status, event.reason) == ("review", "två poster i Upsales")
    assert (event.review_key, event.candidates) == (ACME, (17, 18))


ANSWERS: dict[str, Callable[[Store, str], object]] = {
    "revived": revive,
    "dropped": partial(drop, reason="dubblett"),
    "replayed with others": lambda store, event: again(store, [event], 60),
    "decided": lambda store, _: revive_reviewed(store, "kassa", "en annan", ACME),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_was_asked_about_an_event_goes_with_the_answer(
    store: Store, answer: Callable[[Store, str], object]
) -> None:
    id_ = one(store, "e1")
    with store.write() as conn:
        report(conn, id_, NeedsReview("två poster", key=ACME, candidates=(17, 18)))
    answer(store, id_)
    assert shown(store, id_).status != "review"
    assert (shown(store, id_).review_key, shown(store, id_).candidates) == (None, ())


def test_a_delivered_event_is_neither_dropped_nor_revived(store: Store) -> None:
    id_ = one(store, "e1")
    deliver(store)
    with pytest.raises(ConfigError, match=r"is delivered: this is for events that are dead or pending or review\."):
        drop(store, id_, "x")
    with pytest.raises(ConfigError, match=r"is delivered: this is for events that are dead or review\."):
        revive(store, id_)
    with pytest.raises(ConfigError, match="There is no event okänd: see `relay events list`"):
        replay(store, "okänd")


def age(store: Store) -> None:
    with store.write() as conn:
        conn.execute(update(events).values(received_at=after(-40 * DAY)))
        conn.execute(update(requests).values(received_at=after(-40 * DAY)))
        conn.execute(update(lanes).where(lanes.c.owner.is_(None)).values(lease_until=after(-40 * DAY)))
        conn.execute(update(calls).values(started_at=after(-40 * DAY)))


def test_old_and_settled_things_go(store: Store) -> None:
    one(store, "e1")
    deliver(store)
    age(store)
    kept = one(store, "e2", "ny")
    assert purge(store, keep_events=30 * DAY, keep_calls=90 * DAY) == Purged(events=1, requests=1, calls=0, lanes=1)
    assert not purge(store, keep_events=30 * DAY, keep_calls=90 * DAY)
    assert shown(store, kept).status == "pending"


def test_what_waits_for_somebody_stays_however_old(store: Store) -> None:
    take_in(store, arrival(event("e1", "a"), event("e2", "b", status="dead"), event("e3", "c", status="ignored")))
    age(store)
    assert purge(store, keep_events=30 * DAY, keep_calls=90 * DAY) == Purged(events=1, requests=0, calls=0, lanes=0)
    assert found(store) == ["e2", "e1"]


def test_a_batch_is_not_more_than_asked_for(store: Store) -> None:
    take_in(store, *(arrival(event(f"e{n}", status="ignored")) for n in range(5)))
    age(store)
    sizes = []
    while purged := purge(store, keep_events=30 * DAY, keep_calls=90 * DAY, batch=2):
        sizes.append((purged.events, purged.requests))
    assert (sum(n for n, _ in sizes), sum(n for _, n in sizes)) == (5, 5)
    assert max(max(size) for size in sizes) == 2
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(requests)).scalar_one() == 0


@pytest.mark.parametrize("verify", [None, 60.0])
def test_calls_whose_outcome_is_open_stay_however_old(store: Store, verify: float | None) -> None:
    """A person who was told of one decides it: nobody looks any more, and it is no more settled by that."""
    caller = Caller("butik", 4711, "f00d", None)
    states = ("open", "unknown", "lost", "done", "failed")
    with store.write() as conn:
        for state in states:
            intend(conn, state, caller, "account", {}, 30, key=state, verify_in=verify)
            conn.execute(update(calls).where(calls.c.id == state).values(state=state))
    age(store)
    purged = purge(store, keep_events=30 * DAY, keep_calls=90 * DAY)
    assert not purged
    purged = purge(store, keep_events=30 * DAY, keep_calls=30 * DAY)
    with store.read() as conn:
        left = conn.execute(select(calls.c.id)).scalars().all()
    assert set(left) == {"open", "unknown", "lost", *(() if verify is None else ("done", "failed"))}
    assert purged.calls == len(states) - len(left)
