"""What links to a record that is gone, where no event of the run is about that record."""

from __future__ import annotations

import pytest

from tests.fakes import Crash, Fault, Tripwire, Trouble, World
from worker.errors import OnItsWay, Refused, Rejected, Unlinked, Waiting
from worker.plan import IfKnown, Key, Match, Upsert
from worker.sync.records import LinkState

COMPANY = Key("account", "företag:1")
NUMBER = Match("orgNo", "599999-0046")


def company() -> Upsert:
    return Upsert(key=COMPANY, match=(NUMBER,), set={"orgNo": NUMBER.value}, on_create={"name": "Åkeri"})


def order(client: Key | IfKnown = COMPANY) -> Upsert:
    return Upsert(key=Key("order", "1"), set={"description": "Ö", "client": client})


def known(*, unmarked: bool = False) -> tuple[World, int]:
    """A world with a company that we made."""
    world = World(marked=()) if unmarked else World()
    world.now(company())
    world.clock.advance(60)
    (made,) = world.upsales.live("account")
    return world, made


def merged(world: World, loser: int) -> int:
    winner = world.upsales.made("account", name="Åkeriet", orgNo=NUMBER.value)
    world.upsales.merged("account", loser, winner)
    return winner


def client_of_order(world: World) -> int:
    (made,) = world.upsales.live("order").values()
    client: int = made["client"]["id"]
    return client


@pytest.mark.parametrize("unmarked", [False, True])
@pytest.mark.parametrize("waited", [0, 60])
def test_what_links_to_a_merged_record_goes_on_with_the_survivor(*, unmarked: bool, waited: float) -> None:
    world, loser = known(unmarked=unmarked)
    winner = merged(world, loser)
    world.clock.advance(waited)
    world.now(order())
    assert client_of_order(world) == winner
    assert world.store.links["butik", COMPANY].record_id == winner


def test_what_links_to_a_deleted_record_is_told_so_and_is_refused_once() -> None:
    world, lost = known()
    world.upsales.deleted("account", lost)
    with pytest.raises(Rejected, match="the account 'företag:1' that it links to was deleted in Upsales"):
        world.now(order())
    assert world.store.links["butik", COMPANY].state is LinkState.GONE
    assert len(world.upsales.of("POST")) == 1 + 1


def test_where_deleted_records_are_made_again_it_lacks_the_record_until_then() -> None:
    world, lost = known()
    world.recreate_deleted = True
    world.upsales.deleted("account", lost)
    with pytest.raises(Unlinked):
        world.now(order())


def test_a_record_that_is_about_to_be_made_again_is_waited_for() -> None:
    world, lost = known()
    world.recreate_deleted = True
    world.upsales.deleted("account", lost)
    lane = world.lane(order())
    with pytest.raises(Waiting, match="is not in Upsales any more"):
        world.attempt(lane)
    world.clock.advance(60)
    world.elsewhere = [world.lane(company(), subject="företag:1")]
    with pytest.raises(OnItsWay):
        world.attempt(lane)


def test_a_link_that_may_be_left_out_is_left_out_and_named() -> None:
    world, lost = known()
    world.upsales.deleted("account", lost)
    assert world.now(order(IfKnown(COMPANY))).left_out == {COMPANY}
    (made,) = world.upsales.live("order").values()
    assert "client" not in made


def test_a_deleted_record_of_the_run_itself_that_is_left_out_is_named() -> None:
    world, lost = known()
    world.upsales.deleted("account", lost)
    renamed = Upsert(key=COMPANY, match=(NUMBER,), set={"name": "Åkeri AB"})
    assert world.now(renamed, order(IfKnown(COMPANY))).left_out == {COMPANY}


def test_a_refusal_for_another_reason_stands() -> None:
    world, _ = known()
    world.upsales.faults.append(Fault(Trouble.REFUSED))
    with pytest.raises(Refused):
        world.now(order())
    assert len(world.upsales.of("POST")) == 1 + 1


def test_a_record_that_was_missed_and_is_there_again_is_linked_to() -> None:
    world, lost = known()
    data = world.upsales.hidden("account", lost)
    lane = world.lane(order())
    with pytest.raises(Waiting, match="is not in Upsales any more"):
        world.attempt(lane)
    world.upsales.shown_again("account", data)
    world.deliver(lane)
    assert client_of_order(world) == lost
    assert world.store.links["butik", COMPANY].missing_since is None


def test_it_goes_on_with_the_survivor_wherever_a_worker_dies() -> None:
    for at in range(1, 60):
        world, loser = known()
        winner = merged(world, loser)
        lane = world.lane(order())
        world.wire = wire = Tripwire(at)
        try:
            world.deliver(lane)
        except Crash:
            world.wire = None
            world.clock.advance(120)
            world.deliver(lane)
        assert client_of_order(world) == winner, wire.calls
        if len(wire.calls) < at:
            return
