"""Workers that freeze and wake up when others have gone on: nothing is made twice, nothing newer is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.fakes import Fault, Lane, Tripwire, Trouble, World
from tests.fakes.breaking import Moment
from tests.fakes.world import LEASE
from tests.unit.sync.test_crash_sweep import (
    COMPANY,
    STORIES,
    Story,
    company,
    custom_fields_change_beside_those_of_others,
)
from worker.errors import Busy, LeaseLost, Unavailable
from worker.plan import Key, Match, Upsert


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_worker_that_wakes_up_after_its_lane_was_taken_changes_nothing(
    story: Story, tally: Callable[[str, int], None]
) -> None:
    undisturbed = World(settled_after=60.0)
    lanes = story(undisturbed)
    undisturbed.wire = Tripwire()
    undisturbed.deliver_all(lanes)
    calls = undisturbed.wire.calls
    undisturbed.settle()
    end = undisturbed.snapshot()
    for at, name in enumerate(calls, start=1):
        world = World(settled_after=60.0)
        lanes = story(world)

        def others(world: World = world, lanes: list[Lane] = lanes) -> None:
            world.wire = None
            world.clock.advance(LEASE)
            world.deliver_all(lanes)

        world.wire = Tripwire(at, "after", others)
        world.deliver_all(lanes)
        world.settle()
        assert world.snapshot() == end, (at, name)
    tally("places where a worker woke up late", len(calls))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("newer", ["frozen", "quick"])
def test_a_worker_that_freezes_while_another_lane_writes_the_record_undoes_nothing(moment: Moment, newer: str) -> None:
    for at in range(1, 40):
        world = World()
        custom_fields_change_beside_those_of_others(world)
        frozen, quick = (
            Lane(subject=subject, waiting=[world.event(upsert, minute=80 if subject == newer else 60)])
            for subject, upsert in (
                ("frozen", company(name="Frusen", phone="1", custom={"NOTE": "frusen", "SCORE": 1})),
                ("quick", company(name="Snabb", webpage="2", custom={"NOTE": "snabb", "VIP": True})),
            )
        )

        def other(world: World = world, quick: Lane = quick) -> None:
            world.wire = None
            world.clock.advance(LEASE)
            with suppress(Busy):
                world.attempt(quick)

        world.wire = wire = Tripwire(at, moment, other)
        world.deliver_all([frozen, quick])
        world.settle()
        (found,) = world.upsales.live("account").values()
        shown = {name: value for name, value in found.items() if name in {"name", "phone", "webpage"}}
        assert shown == {"name": "Frusen" if newer == "frozen" else "Snabb", "phone": "1", "webpage": "2"}, wire.calls
        custom = sorted(entry["value"] for entry in found["custom"] if len(entry["value"]) < 32)
        assert custom == sorted(["1", "1", "en persons", "frusen" if newer == "frozen" else "snabb"]), wire.calls
        if len(wire.calls) < at:
            return
    raise AssertionError("40 calls are not enough to see the end")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_same_value_said_again_later_stands_over_one_that_another_lane_writes_meanwhile(moment: Moment) -> None:
    for at in range(1, 10):
        world = World()
        world.now(company(name="Åkeri"))
        again, between = (
            Lane(subject=subject, waiting=[world.event(company(name=name), minute=minute)])
            for subject, name, minute in (("again", "Åkeri", 80), ("between", "Åkeriet", 60))
        )

        def other(world: World = world, lane: Lane = between) -> None:
            world.wire = None
            with suppress(Busy):
                world.attempt(lane)

        world.wire = wire = Tripwire(at, moment, other)
        world.deliver_all([again, between])
        world.settle()
        (found,) = world.upsales.live("account").values()
        assert found["name"] == "Åkeri", wire.calls
        if len(wire.calls) < at:
            return
    raise AssertionError("10 calls are not enough to see the end")


def test_a_worker_whose_lane_was_taken_stops_at_its_next_step() -> None:
    world = World()
    lane = world.lane(company(name="Åkeri"))
    access = world.access(lane)
    world.access(lane)
    with pytest.raises(LeaseLost):
        access.ledger.intend_create(COMPANY, [], {}, 30)
    assert not world.store.calls


def test_a_permit_that_ran_out_sends_nothing() -> None:
    world = World()
    lane = world.lane(company(name="Åkeri"))
    world.wire = Tripwire(1, "after", lambda: world.clock.advance(60), only={"intend_create"})
    with pytest.raises(Unavailable):
        world.attempt(lane)
    assert not world.upsales.writes
    assert not world.store.links


def test_of_two_lanes_that_look_for_one_lost_create_only_one_makes_it_again() -> None:
    """Both have seen that it is not there; then one makes it, gets no answer, and the other goes on."""
    for at in range(1, 30):
        world = World()
        world.upsales.faults.extend([Fault(Trouble.DROPPED), Fault(Trouble.UNANSWERED)])
        upsert = Upsert(key=COMPANY, match=(Match("orgNo", "1"),), set={"name": "Åkeri", "orgNo": "1"})
        lanes = [world.lane(upsert), world.lane(upsert, subject="en annan")]
        with suppress(Exception):
            world.attempt(lanes[0])
        world.clock.advance(2 * world.timing.settled_after)

        def other(world: World = world, lane: Lane = lanes[1]) -> None:
            with suppress(Exception):
                world.attempt(lane)

        world.wire = wire = Tripwire(at, "after", other)
        world.deliver_all(lanes)
        world.settle()
        assert len(world.upsales.live("account")) == 1, wire.calls
        assert not world.store.duplicates


def test_keys_of_two_connections_are_told_apart() -> None:
    world = World()
    for connection in ("butik", "formulär"):
        world.now(Upsert(key=Key("account", "1"), set={"name": connection}), connection=connection)
    assert sorted(found["name"] for found in world.upsales.live("account").values()) == ["butik", "formulär"]


def test_an_update_that_may_still_be_on_its_way_is_waited_for_though_the_record_is_free() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    (record_id,) = world.upsales.live("account")
    overtaken = world.access(Lane(subject="överkörd"))
    overtaken.ledger.intend_update("account", record_id, {}, 30)
    world.store.records["account", record_id].holder = None
    with pytest.raises(Busy, match="is being written by another worker"):
        world.attempt(world.lane(company(name="Åkeriet")))
    world.clock.advance(31)
    world.now(company(name="Åkeriet"))
    assert world.upsales.live("account")[record_id]["name"] == "Åkeriet"
