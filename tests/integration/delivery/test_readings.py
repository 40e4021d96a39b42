"""What was read is kept with its event: for replays, for who looks, until it is purged or a person is forgotten."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import cast

import pytest

from tests.integration.delivery.room import Room
from tests.integration.delivery.thin import Thin, full
from worker.admin.event import Found, find
from worker.admin.event_acts import act
from worker.admin.event_request import received
from worker.admin.masking import Masking
from worker.admin.parts import Parts
from worker.delivery.fates import fate
from worker.delivery.fetching import read_ahead
from worker.delivery.planning import StoredRequests
from worker.errors import GoneAtSource, NotReadYet
from worker.store import Store
from worker.store.db import retention
from worker.store.db.tables import events as events_table
from worker.store.events import events, standing
from worker.store.events.replay import pending_again
from worker.store.people.audit import Actor
from worker.store.privacy.expiry import Ages, expire
from worker.store.privacy.forget import execute, plan

ANNA = "anna.ost@exempel.se"
DO = Actor("ops", "command")


@pytest.fixture
def thin(room: Room) -> Thin:
    return Thin(room)


@dataclass(frozen=True)
class Kept:
    """The parts that looking takes."""

    store: Store


def about(thin: Thin, event: str) -> Found:
    found = find(cast("Parts", Kept(thin.room.store)), event).value
    assert found is not None
    return found


def again(thin: Thin, event: str, wanted: str) -> str:
    """Replay it; answers the event that is delivered then."""
    new = act(thin.room.store, DO, "refetch" if wanted == "refetch" else "replay", event, None).event.id
    thin.room.come()
    thin.run(new)
    return new


def test_a_replay_plans_from_what_was_read(thin: Thin) -> None:
    thin.answers("contract", "4711", full("Ett AB"), full("Två AB"))
    event = thin.take("4711", "e1")
    thin.run(event)
    new = again(thin, event, "replay")
    assert new != event
    assert thin.asked == [("contract", "4711")]
    assert thin.names() == ["Ett AB"]


def test_a_refetch_reads_again(thin: Thin) -> None:
    thin.answers("contract", "4711", full("Ett AB"), full("Två AB"))
    event = thin.take("4711", "e1")
    thin.run(event)
    again(thin, event, "refetch")
    assert thin.asked == [("contract", "4711")] * 2
    assert thin.names() == ["Två AB"]


def test_a_dead_event_dies_of_what_was_read_again_unless_it_is_refetched(thin: Thin) -> None:
    thin.answers("contract", "4711", {"name": 7}, full("Två AB"))
    event = thin.take("4711", "e1")
    assert thin.run(event).status == "dead"
    assert again(thin, event, "replay") == event
    assert (thin.room.event(event).status, len(thin.asked)) == ("dead", 1)
    assert again(thin, event, "refetch") == event
    assert (thin.room.event(event).status, len(thin.asked)) == ("delivered", 2)


def test_a_batch_of_replays_hands_on_what_was_read_and_one_that_refetches_does_not(thin: Thin) -> None:
    thin.answers("contract", "4711", full())
    event = thin.take("4711", "e1")
    thin.run(event)
    for refetch, number in ((False, 2), (True, 2)):
        with thin.room.store.write() as conn:
            row = conn.execute(events_table.select().where(events_table.c.id == event)).one()
            pending_again(conn, [row], row.received_at, refetch=refetch)
        assert len(thin.links()) == number


def test_a_webhook_that_is_sent_again_for_a_dead_event_reads_again(thin: Thin) -> None:
    thin.answers("contract", "4711", {"name": 7}, full("Två AB"))
    event = thin.take("4711", "e1")
    thin.run(event)
    assert thin.take("4711", "e1") == event
    thin.room.come()
    assert thin.run(event).status == "delivered"


def test_who_looks_reads_and_stores_nothing(thin: Thin) -> None:
    thin.answers("contract", "4711", full())
    event = thin.take("4711", "e1")
    connection, store = thin.room.settings.connections["egen"], thin.room.store
    with store.read() as conn:
        waiting = events.by_id(conn, event)
    requests = StoredRequests(store, connection.connector, [waiting])
    with pytest.raises(NotReadYet, match="contract 4711 is to be read at the sender first"):
        requests.event(waiting, "egen")
    read_ahead(store, connection, requests, waiting, lambda _: thin.reader)
    assert requests.event(waiting, "egen").read == {"contract": full()}
    assert thin.stored() == []


def test_the_page_of_the_event_shows_what_was_read_masked_until_somebody_asks(thin: Thin) -> None:
    thin.answers("contract", "4711", full(owner=ANNA, buyer="7"))
    thin.answers("buyer", "7", GoneAtSource("buyer was deleted", status=410))
    event = thin.take("4711", "e1")
    thin.run(event)
    found = about(thin, event)
    masked, whole = (received(found, thin.room.settings, Masking(masks=masks)) for masks in (True, False))
    assert masked.fetched.endswith("; its webhook proves nothing, so it was unverified until fetched")
    assert [(each.kind, each.status) for each in masked.readings] == [
        ("buyer", "deleted at the sender"),
        ("contract", "read"),
    ]
    assert ANNA not in str(masked)
    assert masked.readings[1].masked
    assert ANNA in (whole.readings[1].body or "")


def test_the_page_of_an_event_that_is_not_read_yet_says_so(thin: Thin) -> None:
    event = thin.take("4711", "e1")
    found = about(thin, event)
    told = received(found, thin.room.settings, Masking())
    assert told.fetched.startswith("nothing yet: contract, buyer; its webhook proves nothing")


def test_flower_counts_what_was_read(thin: Thin) -> None:
    thin.answers("contract", "4711", full())
    event = thin.take("4711", "e1")
    thin.run(event)
    with thin.room.store.read() as conn:
        (stands,) = standing.standings(conn, [event])
    shown = fate(stands, None)
    assert shown is not None
    assert shown.line.endswith("1 call, 1 read")


def test_a_reading_goes_with_the_last_request_that_needs_it(thin: Thin) -> None:
    thin.answers("contract", "4711", full())
    old, young = thin.take("4711", "e1", age=500.0), thin.take("4711", "e2")
    thin.run(old)
    assert len(thin.stored()) == 1
    ages = Ages(payloads=400.0, dead=1e9, review=1e9, calls=1e9, records=1e9)
    expire(thin.room.store, ages)
    assert [event for event, _ in thin.links()] == [young]
    assert len(thin.stored()) == 1
    expire(thin.room.store, replace(ages, payloads=-1.0))
    assert (thin.links(), thin.stored()) == ([], [])


def test_a_reading_goes_with_the_event(thin: Thin) -> None:
    thin.answers("contract", "4711", full())
    thin.run(thin.take("4711", "e1"))
    assert retention.purge(thin.room.store, keep_events=-1.0, keep_calls=1e9)
    assert (thin.links(), thin.stored()) == ([], [])


def test_a_person_is_found_and_erased_in_what_was_read(thin: Thin) -> None:
    thin.answers("contract", "4711", full(owner=ANNA))
    event = thin.take("4711", "e1")
    assert thin.run(event).status == "delivered"
    found = plan(thin.room.store, ANNA)
    assert found.counts["readings"] == 1
    assert event in found.found.events
    execute(thin.room.store, found, by="ops", why="asked for")
    assert thin.stored() == []


def test_what_was_read_for_others_too_is_masked_and_never_written(thin: Thin) -> None:
    thin.answers("contract", "1", full("Ett AB", buyer="7"))
    thin.answers("contract", "2", full("Två AB", buyer="7"))
    thin.answers("buyer", "7", {"phone": "+46 8 123 456", "mail": ANNA})
    one, two = thin.take("1", "e1"), thin.take("2", "e2")
    thin.run(one)
    thin.run(two)
    assert thin.asked.count(("buyer", "7")) == 1
    execute(thin.room.store, plan(thin.room.store, ANNA), by="ops", why="asked for")
    (buyer,) = [row for row in thin.stored() if row["kind"] == "buyer"]
    assert ANNA not in json.dumps(buyer["body"].decode())
    assert thin.room.event(one).status == "delivered"
    new = again(thin, one, "replay")
    assert thin.room.event(new).reason_code == "request_erased"
    assert again(thin, new, "refetch") == new
    assert thin.room.event(new).status in ("delivered", "superseded")
