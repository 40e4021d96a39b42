"""Reads keep the lane: an order of many articles is worked on by one worker, however slow Upsales answers."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.integration.delivery.room import Room
from tests.integration.store.examples import one
from tests.upsales_stub import Clock
from worker.delivery.lease import LeaseKeeper
from worker.errors import LeaseLost
from worker.runtime import Runtime
from worker.store import Store
from worker.store.db.clock import after, now
from worker.store.db.tables import events, lanes
from worker.store.lanes.lanes import Claim, claim

ARTICLES = 8


def left(store: Store) -> float:
    """Seconds that are left of the only lane's lease."""
    with store.read() as conn:
        until = conn.execute(select(lanes.c.lease_until)).scalar_one()
        return float((until - now(conn)).total_seconds())


def claimed(store: Store, seconds: float = 60) -> Claim:
    one(store, "e1", "kund:Åsa")
    found = claim(store, "butik", "kund:Åsa", "w1", seconds)
    assert found is not None
    return found


def elapse(store: Store, clock: Clock, seconds: float) -> None:
    """Let so much of the lease go by."""
    clock.now += seconds
    gone = left(store) - seconds
    with store.write() as conn:
        conn.execute(update(lanes).values(lease_until=after(gone)))


def test_a_read_keeps_the_lease_once_a_third_of_it_has_gone(store: Store) -> None:
    clock = Clock()
    keep = LeaseKeeper(store, claimed(store).fence, lease=60, call=20, clock=clock)
    elapse(store, clock, 19)
    keep()
    assert left(store) < 42
    elapse(store, clock, 2)
    keep()
    assert left(store) > 55
    elapse(store, clock, 19)
    keep()
    assert left(store) < 42


def test_a_lease_that_is_hardly_longer_than_a_call_outlives_the_read(store: Store) -> None:
    clock = Clock()
    keep = LeaseKeeper(store, claimed(store, 21).fence, lease=21, call=20, clock=clock)
    elapse(store, clock, 1)
    keep()
    assert left(store) > 24


def test_a_worker_that_was_overtaken_makes_no_more_reads(store: Store) -> None:
    clock = Clock()
    keep = LeaseKeeper(store, claimed(store).fence, lease=60, call=20, clock=clock)
    with store.write() as conn:
        conn.execute(update(lanes).values(token=lanes.c.token + 1))
    clock.now += 30
    with pytest.raises(LeaseLost):
        keep()


def order(room: Room) -> Any:
    user = room.sandbox.records("users")[0]["email"]
    stage = room.sandbox.records("orderstages")[0]["name"]
    rows = [{"id": f"r{n}", "articleNo": f"S-{n}", "quantity": 1, "price": 10} for n in range(ARTICLES)]
    data = {"id": "O-1", "description": "Skruv", "user": user, "stage": stage, "client": {"id": "K-1"}, "rows": rows}
    return room.take("butik", {"id": "o1", "type": "order.upsert", "data": data})


def test_slow_reads_do_not_lose_the_lane(room: Room) -> None:
    for number in range(ARTICLES):
        data = {"id": f"A-{number}", "name": f"Skruv {number}", "articleNo": f"S-{number}"}
        room.run(room.take("butik", {"id": f"p{number}", "type": "product.upsert", "data": data}).id)
    room.run(room.company("1"))
    event = order(room)
    delivery = replace(room.settings.delivery, lease=2.0)
    upsales = replace(room.settings.upsales, call_timeout=1.9)
    workers = [Runtime(replace(room.settings, delivery=delivery, upsales=upsales), room.environ) for _ in range(2)]
    room.sandbox.fault(kind="delay_before_commit", method="GET", resource="products", seconds=0.4)
    first = threading.Thread(target=workers[0].delivery.run, args=("butik", room.event(event.id).subject))
    first.start()
    while first.is_alive():
        first.join(0.2)
        workers[1].delivery.run("butik", room.event(event.id).subject)
    room.sandbox.mend()
    for worker in workers:
        worker.close()
    assert room.event(event.id).status == "delivered"
    with room.store.read() as conn:
        assert conn.execute(select(events.c.claims).where(events.c.id == event.id)).scalar_one() == 1
