"""Records that people deleted or merged in Upsales."""

from __future__ import annotations

import pytest

from tests.unit.doubles import Crash, Fault, Tripwire, Trouble, World
from worker.errors import Refused
from worker.plan import Key, Match, Resource, Upsert

COMPANY = Key("account", "företag:1")
PERSON = Key("contact", "kund:1")
ASA = Match("email", "åsa@öberg.se")


def company(name: str) -> Upsert:
    return Upsert(key=COMPANY, match=(Match("name", "Åkeri"),), set={"name": name})


def person(title: str) -> Upsert:
    return Upsert(key=PERSON, match=(ASA,), set={"email": ASA.value, "client": COMPANY, "title": title})


def order(number: str, notes: str = "") -> Upsert:
    return Upsert(key=Key("order", number), set={"contact": PERSON, "description": "Ö", "notes": notes})


def only(world: World, resource: Resource) -> int:
    (found,) = world.upsales.live(resource)
    return found


def test_a_record_that_a_person_deleted_is_not_made_again() -> None:
    world = World()
    world.now(company("Åkeri"))
    world.upsales.deleted("account", only(world, "account"))
    assert world.now(company("Åkeri AB")).deleted == [COMPANY]
    calls = len(world.upsales.calls)
    assert world.now(company("Åkeri & Söner")).deleted == [COMPANY]
    assert len(world.upsales.calls) == calls
    assert not world.upsales.live("account")


def test_a_record_that_a_person_deleted_is_made_again_where_that_is_wanted() -> None:
    world = World()
    world.recreate_deleted = True
    world.now(company("Åkeri"))
    world.clock.advance(10)
    world.upsales.deleted("account", only(world, "account"))
    assert not world.now(company("Åkeri AB")).deleted
    assert world.upsales.live("account")[only(world, "account")]["name"] == "Åkeri AB"


@pytest.mark.parametrize("found_by", ["stamp", "natural key"])
def test_the_survivor_of_a_merge_is_adopted(found_by: str) -> None:
    world = World() if found_by == "stamp" else World(stamped=())
    world.now(company("Åkeri"))
    loser = only(world, "account")
    winner = world.upsales.made("account", name="Åkeri" if found_by == "natural key" else "Åkeriet")
    world.upsales.merged("account", loser, winner)
    world.clock.advance(10)
    assert not world.now(company("Åkeri AB")).deleted
    assert only(world, "account") == winner
    assert world.upsales.live("account")[winner]["name"] == "Åkeri AB"


def test_the_survivor_of_a_merge_is_adopted_wherever_a_worker_dies() -> None:
    for at in range(1, 60):
        world = World()
        world.now(company("Åkeri"))
        world.clock.advance(10)
        winner = world.upsales.made("account", name="Åkeriet")
        world.upsales.merged("account", only_other(world, winner), winner)
        world.clock.advance(10)
        lane = world.lane(company("Åkeri AB"))
        world.wire = wire = Tripwire(at)
        try:
            world.deliver(lane)
        except Crash:
            world.wire = None
            world.clock.advance(120)
            world.deliver(lane)
        assert only(world, "account") == winner, wire.calls
        if len(wire.calls) < at:
            return


def only_other(world: World, known: int) -> int:
    (other,) = set(world.upsales.live("account")) - {known}
    return other


def test_a_link_to_a_record_that_was_deleted_long_ago_is_repaired_after_the_refusal() -> None:
    world = World()
    world.recreate_deleted = True
    world.now(company("Åkeri"), person("VD"))
    world.clock.advance(10)
    world.upsales.deleted("contact", only(world, "contact"))
    world.upsales.deleted("account", only(world, "account"))
    world.now(company("Åkeri"), person("VD"), order("1"))
    (made,) = world.upsales.live("order").values()
    assert made["contact"]["id"] == only(world, "contact")
    (contact,) = world.upsales.live("contact").values()
    assert contact["client"]["id"] == only(world, "account")


def test_a_link_to_a_merged_record_is_repaired_after_the_refusal() -> None:
    world = World()
    world.now(company("Åkeri"), person("VD"))
    winner = world.upsales.made("contact", email=ASA.value)
    loser = next(found for found in world.upsales.live("contact") if found != winner)
    world.upsales.merged("contact", loser, winner)
    world.clock.advance(10)
    world.now(company("Åkeri"), person("VD"), order("1"))
    (made,) = world.upsales.live("order").values()
    assert made["contact"]["id"] == winner


def test_a_refusal_with_all_links_in_place_stands() -> None:
    world = World()
    world.now(company("Åkeri"), person("VD"))
    world.upsales.faults.append(Fault(Trouble.REFUSED))
    with pytest.raises(Refused):
        world.now(company("Åkeri"), person("VD"), order("1"))
    assert len([call for call in world.upsales.writes if call.resource == "order"]) == 1


def test_a_link_to_a_record_that_a_person_deleted_is_refused_in_upsaless_words() -> None:
    world = World()
    world.now(company("Åkeri"), person("VD"))
    world.upsales.deleted("contact", only(world, "contact"))
    with pytest.raises(Refused, match=r"order.contact \d+ is unknown"):
        world.now(company("Åkeri"), person("VD"), order("1"))
    assert len([call for call in world.upsales.writes if call.resource == "order"]) == 1
