"""One process at a time listens, and who lost the lease stores nothing more."""

from __future__ import annotations

import threading

import pytest

from worker.errors import LeaseLost
from worker.sources.stream.intake import Intake
from worker.sources.stream.ringing import Ringing, nobody
from worker.store import Store
from worker.store.streams import leases, offsets


def test_a_lease_is_taken_by_one_and_given_back(store: Store) -> None:
    first = leases.take(store, "ledger", "ett", 60.0)
    assert first is not None
    assert leases.take(store, "ledger", "tva", 60.0) is None
    assert leases.take(store, "other", "tva", 60.0) is not None
    leases.release(store, first)
    second = leases.take(store, "ledger", "tva", 60.0)
    assert second is not None
    assert second.token == first.token + 1


def test_who_lost_it_stores_nothing_more(store: Store) -> None:
    old = leases.take(store, "ledger", "ett", 0.0)
    new = leases.take(store, "ledger", "tva", 60.0)
    assert old is not None
    assert new is not None
    intake = Intake(store, threading.Event(), Ringing(nobody))
    with pytest.raises(LeaseLost):
        intake.take(old, [], {"customers": "old"}, ["ledger"])
    intake.take(new, [], {"customers": "new"}, ["ledger"])
    with pytest.raises(LeaseLost):
        leases.tell(store, old, "away")
    leases.release(store, old)
    with store.read() as conn:
        assert {topic: each.offset for topic, each in offsets.stored(conn, "ledger").items()} == {"customers": "new"}
        found = leases.standing(conn, ["ledger", "other"])
    assert list(found) == ["ledger"]
    assert (found["ledger"].owner, found["ledger"].alive, found["ledger"].listens) == ("tva", True, False)
    assert found["ledger"].heard_at is not None


def test_how_it_stands_is_told_since_it_is_so(store: Store) -> None:
    lease = leases.take(store, "ledger", "ett", 60.0)
    assert lease is not None

    def lasts() -> float:
        with store.read() as conn:
            return leases.standing(conn, ["ledger"])["ledger"].lasts

    leases.tell(store, lease, "away", "it was closed")
    before = lasts()
    leases.tell(store, lease, "away", "it can't be reached")
    assert lasts() >= before
    with store.read() as conn:
        found = leases.standing(conn, ["ledger"])["ledger"]
        assert (found.state, found.reason) == ("away", "it can't be reached")
        assert set(offsets.latest(conn)) == set()
