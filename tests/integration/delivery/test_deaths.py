"""Of workers that end and databases that go away, only the event that caused it becomes a dead letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.integration.delivery.room import Room
from worker.settings import Connection
from worker.store import StoreUnavailable
from worker.store.db.tables import lanes
from worker.store.lanes.lanes import Claim, claim
from worker.sync.context import Access

DEATHS = 5


def subject_of(room: Room, event: str) -> str:
    return room.event(event).subject


def die_with(room: Room, event: str) -> Claim:
    """A worker claims the event's lane, and is never heard of again."""
    claimed = claim(room.store, "butik", subject_of(room, event), "dies", 0.0)
    assert claimed is not None
    room.come()
    return claimed


def leased(room: Room) -> bool:
    with room.store.read() as conn:
        return any(row.owner is not None for row in conn.execute(select(lanes.c.owner)))


class Stumbling:
    """A port, one method of which does something else when it is called."""

    def __init__(self, real: object, method: str, instead: Callable[..., Any]) -> None:
        self._real = real
        self._method = method
        self._instead = instead

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name != self._method:
            return real
        return lambda *args, **kwargs: self._instead(real, *args, **kwargs)


def stumbling(room: Room, port: str, method: str, instead: Callable[..., Any]) -> Room:
    """The room with a worker whose port stumbles."""

    def access(connection: Connection, claimed: Claim, behind: bool) -> Access:  # noqa: FBT001 - the port's signature
        opened = room.runtime.access.for_claim(connection, claimed, behind)
        changed: dict[str, Any] = {port: Stumbling(getattr(opened, port), method, instead)}
        return replace(opened, **changed)

    room.delivery = replace(room.delivery, open_access=access)
    return room


def test_an_event_that_kills_its_workers_buries_no_neighbour(room: Room) -> None:
    poison = room.company("1", notes="gift")
    good = [room.company("1", minute=n, notes=f"bot {n}") for n in (1, 2, 3)]
    for _ in range(DEATHS):
        assert poison in {event.id for event in die_with(room, poison).events}

    room.run(poison)

    assert room.fate(poison) == ("dead", "its worker stopped 5 times without an outcome")
    assert [room.event(each).status for each in good] == ["delivered"] * 3
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["bot 3"]


def test_after_two_deaths_events_are_tried_alone_the_innocent_ones_too(room: Room) -> None:
    events = [room.company("1", minute=n) for n in range(3)]
    assert [len(die_with(room, events[0]).events) for _ in range(4)] == [3, 3, 1, 1]
    assert [room.event(each).claims for each in events] == [4, 2, 2]


def test_a_process_tries_one_suspect_at_a_time(room: Room) -> None:
    """What kills the process would take the suspects of other lanes with it, again and again."""
    poison, other = room.company("1"), room.company("2")
    for event in (poison, other):
        for _ in range(2):
            die_with(room, event)

    upright, seen = room.delivery, []

    def meanwhile(real: Callable[..., Any], *args: Any) -> Any:
        found = room.run(other)
        seen.append((found.status, found.claims))
        return real(*args)

    stumbling(room, "crm", "create", meanwhile)
    assert room.run(poison).status == "delivered"
    assert seen == [("pending", 2)]
    room.delivery = upright
    room.come()
    assert room.run(other).status == "delivered"


@pytest.mark.parametrize("comes_back", ["at once", "later"])
def test_a_database_that_goes_away_kills_nobody(room: Room, monkeypatch: pytest.MonkeyPatch, comes_back: str) -> None:
    event = room.company("1")

    def away(*_: object, **__: object) -> Any:
        if comes_back == "later":
            monkeypatch.setattr(room.store, "write", away)
        raise StoreUnavailable("The database is not available: restart.")

    upright = room.delivery
    for _ in range(DEATHS + 1):
        stumbling(room, "ledger", "intend_create", away)
        with pytest.raises(StoreUnavailable):
            room.run(event)
        monkeypatch.undo()
        room.delivery = upright
        room.delivery.active.settle()
        assert (leased(room), room.event(event).claims) == (False, 0)
        room.come()

    assert room.run(event).status == "delivered"
    assert len(room.sandbox.records("accounts")) == 1


def test_a_claim_is_taken_back_even_when_another_worker_has_the_lane_by_then(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = room.company("1")

    def away(*_: object, **__: object) -> Any:
        monkeypatch.setattr(room.store, "write", away)
        raise StoreUnavailable("The database is not available: restart.")

    stumbling(room, "ledger", "intend_create", away)
    with pytest.raises(StoreUnavailable):
        room.run(event)
    monkeypatch.undo()
    room.come()
    assert claim(room.store, "butik", subject_of(room, event), "another", 60) is not None
    assert room.event(event).claims == 2

    room.delivery.active.settle()

    assert (leased(room), room.event(event).claims) == (True, 1)


@pytest.mark.parametrize(("port", "method"), [("ledger", "intend_create"), ("crm", "create"), ("crm", "check")])
def test_what_nobody_foresaw_buries_the_guilty_event_only_and_leaves_no_lane_behind(
    room: Room, port: str, method: str
) -> None:
    other, guilty = room.company("god"), room.company("ond", notes="gift")
    neighbour = room.company("ond", minute=1, phone="+468123456")

    def stumble(real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if "gift" in str(args):
            raise OverflowError("anna@example.com is too large")
        return real(*args, **kwargs)

    stumbling(room, port, method, stumble)
    for _ in range(3):
        for event in (other, guilty):
            room.run(event)
        room.come()

    status, reason = room.fate(guilty)
    assert status == "dead"
    assert (reason or "").startswith("its delivery raised OverflowError in stumble (test_deaths.py:")
    assert "anna" not in (reason or "")
    assert [room.event(each).status for each in (other, neighbour)] == ["delivered", "delivered"]
    assert not leased(room)
    assert sorted(record["name"] for record in room.sandbox.records("accounts")) == ["Åkeri god AB", "Åkeri ond AB"]


def test_what_nobody_foresaw_before_an_update_keeps_nobody_from_the_record(room: Room) -> None:
    room.run(room.company("1"))
    guilty, neighbour = room.company("1", minute=1, notes="gift"), room.company("1", minute=2, phone="+468123456")

    def stumble(real: Callable[..., Any], resource: Any, body: Any, **kwargs: Any) -> Any:
        if "gift" in str(body):
            raise OverflowError("anna@example.com is too large")
        return real(resource, body, **kwargs)

    stumbling(room, "crm", "check", stumble)
    room.run(guilty)

    assert [room.event(each).status for each in (guilty, neighbour)] == ["dead", "delivered"]
    assert [record["phone"] for record in room.sandbox.records("accounts")] == ["+468123456"]


def test_what_nobody_foresaw_after_a_create_was_sent_leaves_it_to_be_looked_for(room: Room) -> None:
    event = room.company("1", notes="ett")

    def lost(real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise OverflowError("int too large")

    upright = room.delivery
    stumbling(room, "crm", "create", lost)
    assert room.run(event).status == "dead"
    (post,) = (call for call in room.calls(event) if call.method == "POST")
    assert post.state == "open"

    room.delivery = upright
    room.come()
    after = room.company("1", minute=1, notes="två")
    assert room.run(after).status == "delivered"
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["två"]


def test_what_nobody_foresaw_before_an_event_is_worked_on_is_no_events_fault(room: Room) -> None:
    event = room.company("1", notes="åäö")

    def shut(_connection: Connection, _claim: Claim, _behind: bool) -> Access:  # noqa: FBT001 - the port's signature
        raise RecursionError("nyckel-butik")

    upright = room.delivery
    room.delivery = replace(room.delivery, open_access=shut)
    assert (room.run(event).status, room.event(event).attempts, leased(room)) == ("pending", 1, False)
    assert "nyckel" not in (room.event(event).reason or "")
    room.delivery = upright
    room.come()
    assert room.run(event).status == "delivered"
