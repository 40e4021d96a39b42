"""Whose mail domain a company gets as its web page: that of its own people, not of somebody who belongs to another one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import World
from tests.fakes.senders import FALLBACK, booking, buyer, member, response, sale
from worker.plan import Upsert
from worker.sdk.mapping import Person
from worker.sync.matching import Matching

MAIL = "åsa@byrån.se"
COLLEAGUE = "bo@byrån.se"
BUREAU, CUSTOMER = "Byrån AB", "Kunden AB"


@pytest.fixture
def world() -> World:
    world = World()
    world.matching = Matching(fallbacks=frozenset({FALLBACK.casefold()}))
    return world


def at_the_bureau(world: World, **fields: Any) -> int:
    """A contact whom people placed at a company, which shows no web page."""
    bureau = world.upsales.made("account", name=BUREAU, webpage="", **fields)
    world.upsales.made("contact", email=MAIL, firstName="Åsa", lastName="Ek", client={"id": bureau})
    world.clock.advance(60)
    return bureau


def named(world: World, name: str) -> dict[str, Any]:
    (data,) = (data for data in world.upsales.live("account").values() if data["name"] == name)
    return data


def place(world: World, mail: str) -> str:
    (person,) = (data for data in world.upsales.live("contact").values() if data["email"] == mail)
    return str(world.upsales.live("account")[person["client"]["id"]]["name"])


NUMBERED = {"company": CUSTOMER, "org_number": "599999-0015"}
TOLD: dict[str, tuple[Upsert, ...]] = {
    "an order that names a company": sale("1", buyer(MAIL, company=CUSTOMER)),
    "a form of another number": response("1", Person(email=MAIL, **NUMBERED)),
    "a booking of another number": booking("1", Person(email=MAIL, **NUMBERED)),
}


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
@pytest.mark.parametrize("there", [False, True], ids=["made", "found"])
def test_who_is_at_another_company_lends_no_domain(world: World, told: tuple[Upsert, ...], *, there: bool) -> None:
    at_the_bureau(world, orgNo="599999-0007")
    if there:
        world.upsales.made("account", name=CUSTOMER, webpage="")
        world.clock.advance(60)
    world.now(*told)
    assert not named(world, CUSTOMER).get("webpage")
    world.clock.advance(60)
    world.now(*response("2", Person(email=COLLEAGUE, name="Bo")), subject="bo")
    assert place(world, COLLEAGUE) == "byrån.se", "a company of their own, as nothing tells which one"


def test_who_is_nowhere_brings_the_domain(world: World) -> None:
    world.now(*sale("1", buyer(MAIL, company=CUSTOMER)))
    assert named(world, CUSTOMER)["webpage"] == "byrån.se"


def test_who_is_at_the_company_itself_brings_the_domain(world: World) -> None:
    at_the_bureau(world)
    world.now(*sale("1", buyer(MAIL, company=BUREAU)))
    assert named(world, BUREAU)["webpage"] == "byrån.se"


def test_who_is_at_a_company_that_was_only_assumed_brings_the_domain(world: World) -> None:
    world.now(*sale("1", buyer(MAIL, "Åsa Ek")))
    world.clock.advance(60)
    world.now(*sale("2", buyer(MAIL, "Åsa Ek", company=CUSTOMER)))
    assert named(world, CUSTOMER)["webpage"] == "byrån.se"
    assert place(world, MAIL) == CUSTOMER


def test_a_web_page_that_is_told_is_the_companys_whoever_tells_it(world: World) -> None:
    at_the_bureau(world)
    world.now(*member("1", CUSTOMER, MAIL, website="https://kunden.example"), connection="crm")
    assert named(world, CUSTOMER)["webpage"] == "https://kunden.example"


def test_a_company_that_is_named_by_the_domain_alone_is_made(world: World) -> None:
    at_the_bureau(world, orgNo="599999-0007")
    world.now(*response("1", Person(email=MAIL, org_number="599999-0015")))
    assert named(world, "byrån.se")["webpage"] == "byrån.se"


def test_a_company_that_has_a_web_page_costs_no_look_at_the_person(world: World) -> None:
    at_the_bureau(world)
    world.upsales.made("account", name=CUSTOMER, webpage="kunden.example")
    world.clock.advance(60)
    world.now(*sale("1", buyer(MAIL, company=CUSTOMER)))
    world.clock.advance(60)
    before = len(world.upsales.calls)
    world.now(*sale("2", buyer(MAIL, company=CUSTOMER)))
    assert [call.method for call in world.upsales.calls[before:]] == ["POST"]
