"""The company that is made for a person is one, also while their contact is still being made."""

from __future__ import annotations

from tests.fakes import World
from worker.plan import Key, Match, Placed, Standing, Upsert

MAIL = "elsa@ingarö.example"
HOME = Key("account", f"home:{MAIL}")


def home() -> Upsert:
    return Upsert(key=HOME, match=(Match("contact", MAIL, shared=True),), on_create={"name": "Elsa Ingarö"})


def elsa(key: str) -> Upsert:
    return Upsert(
        key=Key("contact", key),
        match=(Match("email", MAIL, shared=True),),
        if_empty={"email": MAIL, "lastName": "Ingarö"},
        placed={"client": (Placed(HOME, Standing.OWN),)},
    )


def test_two_connections_make_one_however_long_the_contact_takes() -> None:
    world = World()
    world.now(home(), connection="butik")
    world.clock.advance(60)

    world.now(home(), elsa("1"), connection="kassa")

    assert len(world.upsales.live("account")) == 1
    (contact,) = world.upsales.live("contact").values()
    assert contact["client"]["id"] == next(iter(world.upsales.live("account")))


def test_where_the_contact_is_by_now_the_contact_tells() -> None:
    world = World()
    world.now(home(), elsa("1"), connection="butik")
    other = world.upsales.made("account", name="Ingarö Båtar AB")
    (contact,) = world.upsales.live("contact")
    world.upsales.edited("contact", contact, client={"id": other})
    world.clock.advance(60)

    world.now(home(), elsa("2"), connection="kassa")

    assert len(world.upsales.live("account")) == 2
    assert world.upsales.live("contact")[contact]["client"]["id"] == other


def test_a_company_that_a_person_deleted_takes_nobody_in() -> None:
    world = World()
    world.now(home(), connection="butik")
    world.upsales.deleted("account", next(iter(world.upsales.live("account"))))
    world.clock.advance(60)

    world.now(home(), elsa("1"), connection="kassa")

    (account,) = world.upsales.live("account")
    (contact,) = world.upsales.live("contact").values()
    assert contact["client"]["id"] == account
