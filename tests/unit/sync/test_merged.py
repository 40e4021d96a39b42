"""Things that were merged at their sender: one record goes on under the new key, whatever comes in whichever order."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.fakes import World
from worker.plan import Key, Match, Plan, Upsert
from worker.sync.fold import Planned

OLD, OTHER, NEW = Key("contact", "1"), Key("contact", "2"), Key("contact", "3")


def person(key: Key, mail: str, **fields: str) -> Upsert:
    return Upsert(key=key, match=(Match("email", mail, shared=True),), set={"email": mail, **fields})


def gone(key: Key) -> Upsert:
    return Upsert(key=key, set={"active": 0}, create=False, gone=True)


def merged(*keys: Key, into: Key = NEW) -> Plan:
    left = (Upsert(key=key, set={"active": 0}, create=False, gone=True, merged_into=into) for key in keys)
    return (*left, Upsert(key=into, set={"active": 1}, create=False))


def shown(world: World) -> list[tuple[object, bool]]:
    found = world.upsales.live("contact").values()
    return sorted((each["email"], bool(each.get("active", 1))) for each in found)


@pytest.fixture
def world() -> World:
    world = World()
    world.now(person(OLD, "a@fyr.example"))
    world.now(person(OTHER, "b@fyr.example"))
    return world


def test_first_one_goes_on_and_the_others_leave(world: World) -> None:
    world.now(*merged(OLD, OTHER))
    assert shown(world) == [("a@fyr.example", True), ("b@fyr.example", False)]


def test_what_is_told_under_the_new_key_is_told_of_the_one_that_goes_on(world: World) -> None:
    world.now(*merged(OLD, OTHER))
    world.now(Upsert(key=NEW, set={"title": "Vaktmästare"}, create=False))
    assert [each.get("title") for each in world.upsales.live("contact").values()] == ["Vaktmästare", None]


def test_another_one_goes_on_where_the_first_has_no_record() -> None:
    world = World()
    world.now(person(OTHER, "b@fyr.example"))
    world.now(*merged(OLD, OTHER))
    assert shown(world) == [("b@fyr.example", True)]


def test_new_key_that_has_a_record_keeps_it(world: World) -> None:
    world.now(person(NEW, "c@fyr.example"))
    world.now(*merged(OLD, OTHER))
    assert shown(world) == [("a@fyr.example", False), ("b@fyr.example", False), ("c@fyr.example", True)]


def test_two_keys_of_one_record_leave_it_active() -> None:
    world = World()
    world.now(person(OLD, "a@fyr.example"))
    world.now(person(OTHER, "a@fyr.example"))
    world.now(*merged(OLD, OTHER))
    world.now(gone(OTHER))
    assert shown(world) == [("a@fyr.example", True)]


def test_deletion_of_the_new_key_counts(world: World) -> None:
    world.now(*merged(OLD, OTHER))
    world.now(gone(OLD))
    assert shown(world) == [("a@fyr.example", True), ("b@fyr.example", False)]
    world.now(gone(NEW))
    assert shown(world) == [("a@fyr.example", False), ("b@fyr.example", False)]


def test_change_under_the_old_key_that_comes_late_counts(world: World) -> None:
    world.now(*merged(OLD, OTHER))
    world.now(Upsert(key=OLD, set={"title": "Vaktmästare"}, create=False))
    assert [each.get("title") for each in world.upsales.live("contact").values()] == ["Vaktmästare", None]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_one_stays_active_in_whatever_order_it_is_told(world: World, order: tuple[int, ...]) -> None:
    """The merge tells a later time than the deletions that come with it."""
    told: list[Planned] = [
        world.event(*merged(OLD, OTHER), minute=20),
        world.event(gone(OLD), minute=19),
        world.event(gone(OTHER), minute=19),
        world.event(person(NEW, "a@fyr.example", title="Vaktmästare"), minute=21),
    ]
    for number in order:
        lane = world.lane(subject=f"{number}")
        lane.waiting = [told[number]]
        world.deliver(lane)
    assert shown(world) == [("a@fyr.example", True), ("b@fyr.example", False)]


def test_folded_it_comes_to_the_same(world: World) -> None:
    lane = world.lane()
    lane.waiting = [
        world.event(gone(OLD), minute=19),
        world.event(*merged(OLD, OTHER), minute=20),
        world.event(gone(OTHER), minute=21),
        world.event(gone(OLD), minute=21),
    ]
    world.deliver(lane)
    assert shown(world) == [("a@fyr.example", True), ("b@fyr.example", False)]
