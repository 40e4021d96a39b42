"""A company stands in for another one only where none of those that it could be is there."""

from __future__ import annotations

from tests.fakes import World
from worker.plan import Key, Match, Placed, Standing, Upsert

FIRM = Key("account", "b2b:7")
OWN = Key("account", "home:anna@gmail.com")
SHELTER = Key("account", "company:butikskunder")
ORDER = Key("order", "order:1")


def told() -> Upsert:
    return Upsert(key=FIRM, on_create={"name": "Sten Bygg AB"})


def purchase() -> tuple[Upsert, ...]:
    """By somebody of a company that is known by its id, or who is known themselves, or in the fallback company."""
    return (
        Upsert(key=FIRM, create=False),
        Upsert(key=OWN, match=(Match("contact", "anna@gmail.com", shared=True),), create=False, instead_of=FIRM),
        Upsert(key=SHELTER, on_create={"name": "Butikskunder"}, instead_of=OWN),
        Upsert(
            key=ORDER,
            on_create={"description": "Skruv"},
            placed={
                "client": (
                    Placed(FIRM, Standing.TOLD),
                    Placed(OWN, Standing.OWN),
                    Placed(SHELTER, Standing.FALLBACK),
                )
            },
        ),
    )


def number() -> tuple[Upsert, ...]:
    """The number of a company that is one of two."""
    fields = {"orgNo": "599999-0046"}
    return (
        Upsert(key=FIRM, if_empty=fields, create=False),
        Upsert(key=OWN, if_empty=fields, create=False, instead_of=FIRM),
    )


def names(world: World) -> list[object]:
    return [each["name"] for each in world.upsales.live("account").values()]


def place(world: World) -> object:
    (order,) = world.upsales.live("order").values()
    return world.upsales.live("account")[order["client"]["id"]]["name"]


def test_nothing_stands_in_for_a_company_that_is_known() -> None:
    world = World()
    world.now(told())

    result = world.now(*purchase())

    assert (names(world), place(world)) == (["Sten Bygg AB"], "Sten Bygg AB")
    assert not result.absent


def test_last_one_stands_in_where_nobody_is_known() -> None:
    world = World()

    result = world.now(*purchase())

    assert (names(world), place(world)) == (["Butikskunder"], "Butikskunder")
    assert not result.absent


def test_first_company_that_is_there_gets_the_number() -> None:
    world = World()
    world.now(told())
    world.now(Upsert(key=OWN, on_create={"name": "Anna Ek"}))

    result = world.now(*number())

    found = {each["name"]: each.get("orgNo") for each in world.upsales.live("account").values()}
    assert found == {"Sten Bygg AB": "599999-0046", "Anna Ek": None}
    assert not result.absent


def test_second_company_gets_the_number_where_the_first_is_not_there() -> None:
    world = World()
    world.now(Upsert(key=OWN, on_create={"name": "Anna Ek"}))

    result = world.now(*number())

    (found,) = world.upsales.live("account").values()
    assert found["orgNo"] == "599999-0046"
    assert not result.absent


def test_both_are_missed_where_neither_is_there() -> None:
    assert World().now(*number()).absent == {FIRM, OWN}
