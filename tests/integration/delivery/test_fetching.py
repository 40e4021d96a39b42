"""What an event needs of its sender's API is read once before it is planned, and each answer has its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import Connection as Transaction
from sqlalchemy import delete

from tests.fakes.breaking import Crash, Moment, Tripwire, tapped
from tests.integration.delivery.room import Room, sweep
from tests.integration.delivery.thin import Thin, full
from worker.errors import (
    GoneAtSource,
    NeverExisted,
    NoToken,
    SourceForbidden,
    SourceThrottled,
    SourceUnavailable,
    TooEarly,
)
from worker.store import Store
from worker.store.db.tables import requests
from worker.store.events.replay import replay
from worker.store.lanes import connections
from worker.store.lanes.connections import State
from worker.store.lanes.lanes import claim


@pytest.fixture
def thin(room: Room) -> Thin:
    return Thin(room)


def state(room: Room) -> State:
    with room.store.read() as conn:
        return connections.get(conn, "egen")


def test_an_event_is_mapped_from_what_was_read_one_thing_after_the_other(thin: Thin) -> None:
    thin.answers("contract", "4711", full(buyer="7"))
    thin.answers("buyer", "7", {"phone": "+46 8 123 456"})

    event = thin.take("4711", "e1")
    done = thin.run(event)

    assert done.status == "delivered", done.reason
    assert thin.asked == [("contract", "4711"), ("buyer", "7")]
    assert thin.room.sandbox.records("accounts")[0]["phone"] == "+46 8 123 456"
    assert thin.links() == [(event, "buyer"), (event, "contract")]


def test_nothing_is_read_for_another_tenants_event(thin: Thin) -> None:
    thin.of_tenant("7")
    for contract in ("4710", "4711"):
        thin.answers("contract", contract, full())

    ours, anothers = (thin.run(thin.take(f"471{n}", f"e{n}", tenant=str(7 + n))) for n in range(2))

    assert thin.asked == [("contract", "4710")]
    assert (ours.status, anothers.status) == ("delivered", "dead")
    assert "it is of the tenant 8, and egen is of 7" in (anothers.reason or "")


def test_events_of_one_lane_that_need_one_thing_read_it_once(thin: Thin) -> None:
    thin.answers("contract", "4711", full())
    events = [thin.take("4711", f"e{number}") for number in range(3)]

    thin.run(events[0])

    assert [thin.room.event(each).status for each in events] == ["superseded", "superseded", "delivered"]
    assert thin.asked == [("contract", "4711")]
    assert len(thin.stored()) == 1


def test_what_came_after_a_reading_reads_again(thin: Thin) -> None:
    thin.answers("contract", "4711", full("Före AB"), full("Efter AB"))
    thin.run(thin.take("4711", "e1", age=10.0))
    thin.run(thin.take("4711", "e2"))
    assert thin.asked == [("contract", "4711")] * 2
    assert thin.names() == ["Efter AB"]


def test_values_count_as_of_when_the_sender_changed_them(thin: Thin) -> None:
    """A webhook that comes later may find what an earlier one found already."""
    newest, older = "2026-11-01T12:00:00Z", "2026-10-01T12:00:00Z"
    thin.answers("contract", "4711", full("Ny AB", changed=newest), full("Gammal AB", changed=older))
    thin.run(thin.take("4711", "e1", age=30.0))
    done = thin.run(thin.take("4711", "e2"))
    assert done.status == "superseded"
    assert thin.names() == ["Ny AB"]
    assert thin.stored()[0]["changed"] == datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_a_change_that_lies_ahead_does_not_count(thin: Thin) -> None:
    thin.answers("contract", "4711", full("Först AB", changed="2099-01-01T00:00:00Z"), full("Sen AB"))
    thin.run(thin.take("4711", "e1", age=30.0))
    thin.run(thin.take("4711", "e2"))
    assert thin.names() == ["Sen AB"]


def test_too_early_waits_for_seconds_and_costs_no_attempt(thin: Thin) -> None:
    thin.answers("contract", "4711", full(state="draft"), TooEarly("not there", seconds=7.0), full())
    event = thin.take("4711", "e1")

    first = thin.run(event)
    assert (first.status, first.attempts) == ("pending", 0)
    assert first.reason == "contract 4711 is not complete yet: it is a draft"
    assert 10.0 < thin.room.due_in(event) <= 15.0
    thin.room.come()
    thin.run(event)
    assert 4.0 < thin.room.due_in(event) <= 7.0
    thin.room.come()

    assert thin.run(event).status == "delivered"
    assert thin.room.event(event).attempts == 0
    assert len(thin.stored()) == 1


def test_a_thing_that_stays_incomplete_is_taken_as_it_is_after_a_while(thin: Thin) -> None:
    thin.answers("contract", "4711", full(state="draft"))
    assert thin.run(thin.take("4711", "e1", age=121.0)).status == "delivered"


def test_a_young_event_does_not_take_what_an_older_one_stopped_waiting_for(thin: Thin) -> None:
    thin.answers("contract", "4711", full(state="draft"))
    old, young = thin.take("4711", "e1", age=300.0), thin.take("4711", "e2")
    thin.run(old)
    assert [thin.room.event(each).status for each in (old, young)] == ["delivered", "pending"]


@pytest.mark.parametrize("body", [{"state": "draft"}, {"name": 7}])
def test_what_its_schema_does_not_take_is_dead_and_names_the_field(thin: Thin, body: Any) -> None:
    thin.answers("contract", "4711", body)
    done = thin.run(thin.take("4711", "e1", age=121.0))
    assert (done.status, done.reason_code) == ("dead", "not_as_declared")
    assert (done.reason or "").startswith("signed: contract: name: ")
    assert "7" not in (done.reason or "")


def test_a_404_of_something_deleted_is_too_early_first_too(thin: Thin) -> None:
    thin.answers("contract", "4711", GoneAtSource("deleted", status=404))
    assert thin.run(thin.take("4711", "e1")).status == "pending"
    thin.answers("contract", "4712", GoneAtSource("deleted", status=404))
    assert thin.run(thin.take("4712", "e2", age=121.0)).reason_code == "gone_at_source"


def test_what_is_shown_of_it_so_far_is_taken_after_a_while(thin: Thin) -> None:
    early = TooEarly("it is a draft", seconds=5.0)
    early.body = full("Utkast AB")
    thin.answers("contract", "4711", early)
    thin.run(thin.take("4711", "e1", age=121.0))
    assert thin.names() == ["Utkast AB"]


def test_what_says_too_early_for_too_long_is_dead(thin: Thin) -> None:
    thin.answers("contract", "4711", TooEarly("409: it is being made", seconds=5.0))
    done = thin.run(thin.take("4711", "e1", age=121.0))
    assert (done.status, done.reason_code) == ("dead", "not_as_declared")


def test_a_404_is_too_early_first_and_then_means_that_it_never_existed(thin: Thin) -> None:
    event = thin.take("4711", "e1")
    assert thin.run(event).status == "pending"
    old = thin.take("4712", "e2", age=121.0)
    assert thin.run(old).reason_code == "never_existed"


def test_what_never_existed_is_ignored_by_the_name_of_its_rule(thin: Thin) -> None:
    thin.answers("contract", "4711", NeverExisted("the sender's test contract", status=400))
    done = thin.run(thin.take("4711", "e1"))
    assert (done.status, done.reason, done.reason_code) == (
        "ignored",
        "the sender's test contract",
        "never_existed",
    )
    assert not thin.names()


def test_what_is_gone_is_recorded_and_nothing_is_written(thin: Thin) -> None:
    thin.answers("contract", "4711", GoneAtSource("contract 4711 was deleted at the sender", status=410))
    done = thin.run(thin.take("4711", "e1"))
    assert (done.status, done.reason_code) == ("ignored", "gone_at_source")
    assert [row["status"] for row in thin.stored()] == ["gone"]
    assert not thin.names()


def test_a_rule_may_say_what_becomes_of_what_is_gone(thin: Thin) -> None:
    thin.answers("contract", "4711", full(), GoneAtSource("deleted", status=410))
    thin.run(thin.take("4711", "e1", age=10.0))
    assert thin.run(thin.take("4711", "e2", kind="deleted")).status == "delivered"
    assert thin.room.sandbox.records("accounts")[0]["notes"] == "left"


def test_what_is_optional_and_gone_is_done_without(thin: Thin) -> None:
    thin.answers("contract", "4711", full(buyer="7"))
    thin.answers("buyer", "7", GoneAtSource("deleted", status=410))
    assert thin.run(thin.take("4711", "e1")).status == "delivered"


def test_a_refused_token_pauses_the_connection_and_counts_nothing(thin: Thin) -> None:
    thin.answers("contract", "4711", SourceForbidden("401: the token is not accepted"), full())
    event = thin.take("4711", "e1")

    done = thin.run(event)

    assert (done.status, done.attempts) == ("pending", 0)
    assert state(thin.room).reason == ("the API of Tunn: 401: the token is not accepted: `relay keys set egen --token`")
    assert state(thin.room).refused_by == "source"
    probing = replace(thin.room.runtime.probing, readers=lambda _: thin.reader)
    connection = thin.room.settings.connections["egen"]
    thin.room.come()
    assert probing.run(connection)
    assert not state(thin.room).paused
    thin.room.come()
    assert thin.run(event).status == "delivered"


def test_a_token_that_is_still_refused_keeps_the_connection_paused(thin: Thin) -> None:
    thin.answers("contract", "4711", SourceForbidden("401: expired"))
    thin.run(thin.take("4711", "e1"))
    thin.room.come()
    probing = replace(thin.room.runtime.probing, readers=lambda _: thin.reader)
    assert not probing.run(thin.room.settings.connections["egen"])
    assert (state(thin.room).paused, state(thin.room).refused_by) == (True, "source")


def test_a_sender_that_is_away_stops_only_what_needs_it_and_no_breaker(thin: Thin) -> None:
    thin.answers("contract", "1", SourceUnavailable("502"))
    for number in range(1, 5):
        thin.answers("contract", str(number), SourceUnavailable("502"))
    events = [thin.take(str(number), f"e{number}") for number in range(1, 5)]
    fates = [thin.run(event) for event in events]
    assert [(each.status, each.attempts) for each in fates] == [("pending", 1)] * 4
    assert state(thin.room).runs

    other = thin.run(thin.take("9", "n1", kind="noted", name="Notis AB"))
    assert other.status == "delivered"


def test_behind_an_event_that_waits_its_own_subject_waits_and_nobody_else_s_attempt_counts(thin: Thin) -> None:
    thin.answers("contract", "4711", full("Ett AB"), SourceUnavailable("502"), full("Tre AB"))
    first = thin.take("4711", "e1", age=60.0)
    assert thin.run(first).status == "delivered"
    before = thin.take("4711", "n1", kind="noted", name="Två AB")
    waits = thin.take("4711", "e2")
    behind = thin.take("4711", "n2", kind="noted", name="Fyra AB")

    thin.run(before)

    assert [(thin.room.event(e).status, thin.room.event(e).attempts) for e in (before, waits, behind)] == [
        ("delivered", 0),
        ("pending", 1),
        ("pending", 0),
    ]
    thin.room.come()
    thin.run(waits)
    assert thin.names() == ["Fyra AB"]


def test_a_throttled_sender_costs_nothing_and_bounds_what_is_under_way(thin: Thin) -> None:
    thin.answers("contract", "4711", SourceThrottled("429", seconds=30.0), full())
    shorted: list[tuple[str, float]] = []
    delivery = thin.room.delivery
    thin.room.delivery = replace(
        delivery, failures=replace(delivery.failures, short=lambda name, seconds: shorted.append((name, seconds)))
    )
    done = thin.run(thin.take("4711", "e1"))
    assert (done.status, done.attempts) == ("pending", 0)
    assert shorted == [("egen", 30.0)]


def test_without_a_token_a_connection_that_can_do_without_maps_what_it_was_told(thin: Thin) -> None:
    thin.answers("contract", "4711", NoToken("connection egen has no token"))
    thin.unread()
    event = thin.take("4711", "e1")
    done = thin.run(event)
    # This mapping can't do without.
    assert done.reason_code == "mapping_error"
    assert [row["status"] for row in thin.stored()] == ["unread"]


class Dying:
    """A store whose process ends before or after its n-th transaction that writes."""

    def __init__(self, store: Store, wire: Tripwire) -> None:
        self._store = store
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        after = self._wire.passes("write")
        with self._store.write() as conn:
            yield conn
        if after:
            self._wire.trip()


def run_until(thin: Thin, event: str, wire: Tripwire) -> None:
    """A worker delivers, and ends where the wire is."""
    room, upright = thin.room, thin.room.delivery
    room.delivery = replace(
        upright,
        store=cast("Store", Dying(room.store, wire)),
        readers=lambda _: tapped(thin.reader, wire),
    )
    try:
        room.run(event)
    finally:
        room.delivery = upright


@pytest.mark.parametrize("moment", ["before", "after"])
def test_wherever_a_worker_dies_nothing_is_lost_and_read_once_more_at_most(thin: Thin, moment: Moment) -> None:
    """The wire is before or after each reading and each transaction: between reading and storing, between storing and planning."""
    at = 0
    while True:
        at += 1
        number = str(at)
        thin.answers("contract", number, full(f"Åkeri {number} AB", buyer="7"))
        thin.answers("buyer", "7", {"phone": "+46 8 123 456"})
        event = thin.take(number, f"{moment} {number}")
        thin.reader.asked.clear()
        wire = Tripwire(at, moment)
        try:
            run_until(thin, event, wire)
        except Crash:
            thin.room.come()
            assert thin.run(event).status == "delivered"
        else:
            break
        assert thin.asked.count(("contract", number)) <= 2
        assert thin.asked.count(("buyer", "7")) <= 2
        assert len(thin.asked) <= 3
        assert thin.names().count(f"Åkeri {number} AB") == 1
    assert wire.calls[:7] == ["write", "write", "get", "write", "write", "get", "write"]
    assert at > 6


@pytest.mark.parametrize("moment", ["before", "after"])
def test_wherever_a_worker_dies_two_events_share_what_was_read(thin: Thin, moment: Moment) -> None:
    """And a replay that reads again has what is there then, whatever became of the worker before."""
    at = 0
    while True:
        at += 1
        number = str(at)
        thin.answers("contract", number, full(f"Först {number} AB"))
        first, second = (thin.take(number, f"{moment} {number} {place}") for place in "ab")
        died = dies(thin, first, Tripwire(at, moment))
        ends = [thin.run(first), thin.room.event(second)]
        assert [each.status for each in ends] == ["superseded", "delivered"]
        assert thin.asked.count(("contract", number)) <= 1 + died
        shared = {row["id"] for row in thin.stored() if row["thing"] == number}
        assert len(shared) == 1, "what nobody stored is no reading"

        thin.answers("contract", number, full(f"Sedan {number} AB"))
        again = replay(thin.room.store, second, refetch=True)
        thin.room.come()
        died_again = dies(thin, again, Tripwire(at, moment))
        assert thin.run(again).status == "delivered"
        assert thin.names().count(f"Sedan {number} AB") == 1
        if not (died or died_again):
            break
    assert at > 4


def dies(thin: Thin, event: str, wire: Tripwire) -> bool:
    try:
        run_until(thin, event, wire)
    except Crash:
        thin.room.come()
        return True
    return False


def test_an_event_whose_request_is_purged_leaves_what_others_need(thin: Thin) -> None:
    """What a person deletes by hand, or a restore lacks: its event ends, and the one beside it goes on with what was read."""
    thin.answers("contract", "4711", full())
    first, second = thin.take("4711", "e1"), thin.take("4711", "e2")
    assert dies(thin, first, Tripwire(6, "before"))
    assert len(thin.links()) > 0
    with thin.room.store.write() as conn:
        conn.execute(delete(requests).where(requests.c.id == thin.room.event(first).request_id))
    thin.run(second)
    assert [thin.room.event(each).status for each in (first, second)] == ["dead", "delivered"]
    assert thin.room.event(first).reason_code == "request_gone"
    assert thin.asked == [("contract", "4711")]


def test_a_worker_that_lost_its_lane_while_it_read_stores_nothing(thin: Thin) -> None:
    event = thin.take("4711", "e1")

    class Slow:
        def get(self, kind: str, thing: str, *, event: str | None = None) -> Any:
            thin.room.come()
            assert claim(thin.room.store, "egen", "4711", "another", 60) is not None
            return thin.reader.get(kind, thing, event=event)

        page = thin.reader.page

    thin.answers("contract", "4711", full())
    thin.reads_with(lambda _: Slow())
    assert thin.run(event).status == "pending"
    assert thin.stored() == []


def test_the_sweep_calls_for_a_probe_of_the_token(thin: Thin) -> None:
    thin.answers("contract", "4711", SourceForbidden("401"), full())
    thin.run(thin.take("4711", "e1"))
    thin.room.come()
    runtime = thin.room.runtime
    runtime.probing = replace(runtime.probing, readers=lambda _: thin.reader)
    runtime.settings = thin.room.settings
    runtime.sweep = replace(runtime.sweep, settings=thin.room.settings, to_probe=runtime.probing.due)
    sweep(runtime)
    assert not state(thin.room).paused
