"""A value that only stands in gives way to one that was told, unless a person changed it meanwhile."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.fakes import World
from worker.plan import Key, Match, Standing, Sure, Upsert

COMPANY = Key("account", "företag:1")
STAND_IN, TOLD, OTHER = "reserv@kontor.example", "asa@kontor.example", "bo@kontor.example"


def owned(owner: str, standing: Standing = Standing.TOLD, *, fills: bool = False) -> Upsert:
    return Upsert(
        key=COMPANY,
        match=(Match("name", "Åkeri"),),
        on_create={"name": "Åkeri"},
        surest={"phone": Sure(owner, standing, fills=fills)},
    )


def owner(world: World) -> object:
    (found,) = world.upsales.live("account").values()
    return found.get("phone") or ""


@pytest.mark.parametrize("minutes", list(permutations((1, 2, 3))))
def test_what_was_told_stands_whatever_stands_in(minutes: tuple[int, ...]) -> None:
    world = World()
    told = {1: owned(TOLD), 2: owned(STAND_IN, Standing.FALLBACK), 3: owned(STAND_IN, Standing.OWN)}
    for number in minutes:
        lane = world.lane()
        lane.waiting = [world.event(told[number], minute=number)]
        world.deliver(lane)
    assert owner(world) == TOLD


def test_another_one_that_is_told_later_changes_nothing() -> None:
    world = World()
    world.now(owned(TOLD))
    world.now(owned(OTHER))
    assert owner(world) == TOLD


def test_person_s_choice_stands() -> None:
    world = World()
    world.now(owned(STAND_IN, Standing.FALLBACK))
    (record_id,) = world.upsales.live("account")
    world.upsales.edited("account", record_id, phone=OTHER)
    world.now(owned(TOLD))
    world.now(owned(TOLD))
    assert owner(world) == OTHER


def test_what_stands_in_fills_nothing_in_a_company_of_others() -> None:
    world = World()
    world.upsales.made("account", name="Åkeri")
    world.clock.advance(60)
    world.now(owned(STAND_IN, Standing.FALLBACK))
    assert owner(world) == ""
    world.now(owned(TOLD))
    assert owner(world) == TOLD


@pytest.mark.parametrize("looks", [0, 1])
def test_what_fills_fills_what_is_empty_in_a_company_of_others_however_often_that_was_seen(looks: int) -> None:
    world = World()
    world.upsales.made("account", name="Åkeri", phone="")
    world.clock.advance(60)
    for _ in range(looks):
        world.now(owned(STAND_IN, Standing.FALLBACK))
    assert owner(world) == ""
    world.now(owned(OTHER, Standing.OWN, fills=True))
    assert owner(world) == OTHER
