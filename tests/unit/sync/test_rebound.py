"""A connection that was bound again finds what it made in its account before."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from tests.fakes import Crash, Tripwire, World
from worker.errors import Waiting
from worker.plan import RESOURCES, IfKnown, Key, Match, Resource, Upsert

COMPANY = Key("account", "företag:1")


def company(name: str, *, create: bool = True) -> Upsert:
    return Upsert(key=COMPANY, set={"name": name}, create=create)


def order(client: Key | IfKnown = COMPANY) -> Upsert:
    return Upsert(key=Key("order", "1"), set={"description": "Ö", "client": client})


def rebound(*, marked: Collection[Resource] = RESOURCES) -> World:
    """One company is made, then the connection's links are forgotten."""
    world = World(marked=marked)
    world.now(company("Åkeri"))
    world.rebind()
    return world


def the_company(world: World) -> int:
    (found,) = world.upsales.live("account")
    return found


def test_what_it_made_before_is_found_by_its_marker_and_not_made_again() -> None:
    world = rebound()
    made = the_company(world)
    world.now(company("Åkeri AB"))
    assert world.upsales.live("account")[made]["name"] == "Åkeri AB"
    assert the_company(world) == made


def test_a_change_finds_what_it_made_before_too() -> None:
    world = rebound()
    assert not world.now(company("Åkeri AB", create=False)).absent
    assert world.upsales.live("account")[the_company(world)]["name"] == "Åkeri AB"


def test_the_marker_counts_before_a_natural_key() -> None:
    """As long as it was linked it would have stayed what it was."""
    world = World()
    by_name = Upsert(key=COMPANY, match=(Match("name", "Åkeri"),), set={"name": "Åkeri", "notes": "ny"})
    world.now(company("Bageri"))
    made = the_company(world)
    world.upsales.made("account", name="Åkeri")
    world.rebind()
    world.now(by_name)
    assert world.upsales.live("account")[made]["notes"] == "ny"


@pytest.mark.parametrize("link", [COMPANY, IfKnown(COMPANY)])
def test_what_links_to_it_is_linked_to_what_it_made_before(link: Key | IfKnown) -> None:
    world = rebound()
    assert not world.now(order(link)).left_out
    (made,) = world.upsales.live("order").values()
    assert made["client"]["id"] == the_company(world)


def test_nothing_is_made_before_search_shows_what_was_made_just_before() -> None:
    world = rebound()
    lane = world.lane(company("Åkeri AB"))
    with pytest.raises(Waiting, match="bound again"):
        world.attempt(lane)
    world.deliver(lane)
    the_company(world)


def test_without_a_marker_nobody_waits_and_no_call_is_spent() -> None:
    world = rebound(marked=())
    world.attempt(world.lane(company("Åkeri AB")))
    assert not world.upsales.reads
    assert len(world.upsales.live("account")) == 2


def test_a_create_costs_one_search_more_and_an_update_none() -> None:
    world = World()
    world.rebind()
    world.clock.advance(60)
    world.now(company("Åkeri"))
    world.now(company("Åkeri AB"))
    assert [call.method for call in world.upsales.calls] == ["SEARCH", "POST", "PUT"]


def test_a_connection_that_was_never_bound_again_does_not_look() -> None:
    world = World()
    world.now(company("Åkeri"))
    assert not world.upsales.reads


def test_what_it_made_before_is_found_wherever_a_worker_dies() -> None:
    for at in range(1, 60):
        world = rebound()
        world.clock.advance(60)
        lane = world.lane(company("Åkeri AB"), order())
        world.wire = wire = Tripwire(at)
        try:
            world.deliver(lane)
        except Crash:
            world.wire = None
            world.clock.advance(120)
            world.deliver(lane)
        assert world.upsales.live("account")[the_company(world)]["name"] == "Åkeri AB", wire.calls
        assert len(world.upsales.live("order")) == 1
        if len(wire.calls) < at:
            return
