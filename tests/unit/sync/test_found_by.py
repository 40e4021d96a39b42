"""A run knows by which rule it found each record."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.fakes import World
from worker.plan import Key, Match, Upsert
from worker.sync.run import run

MAIL = "ylva@norrskog.example"
COMPANY = Key("account", "K-1")
KNOWN = {"name": "Norrskogens Sågverk AB", "orgNo": "5999990053", "webpage": "norrskog.example"}


def company(*matches: Match, **fields: str) -> Upsert:
    return Upsert(key=COMPANY, match=matches, set=fields)


def rules(world: World, *upserts: Upsert) -> Mapping[Key, str]:
    access = world.access(world.lane(*upserts))
    run(access, [world.event(*upserts)])
    return access.found_by


@pytest.mark.parametrize(
    ("match", "rule"),
    [
        (Match("orgNo", "599999-0053"), "number"),
        (Match("webpage", "norrskog.example"), "domain"),
        (Match("name", "norrskogens sågverk ab"), "name"),
        (Match("contact", MAIL, shared=True), "contact"),
    ],
    ids=["number", "domain", "name", "contact"],
)
def test_a_company_is_found_by_a_rule(match: Match, rule: str) -> None:
    world = World()
    account = world.upsales.made("account", **KNOWN)
    world.upsales.made("contact", name="Ylva Åström", email=MAIL, client={"id": account})
    world.clock.advance(10)

    assert rules(world, company(match)) == {COMPANY: rule}


def test_what_is_linked_is_found_by_its_link_and_what_is_new_by_nothing() -> None:
    world = World()
    first = company(Match("name", "Norrskogens Sågverk AB"), name="Norrskogens Sågverk AB")

    assert rules(world, first) == {}
    assert rules(world, first) == {COMPANY: "link"}


def test_another_record_is_found_by_the_field_of_its_natural_key() -> None:
    world = World()
    world.upsales.made("contact", name="Ylva Åström", email=MAIL)
    world.clock.advance(10)
    ylva = Upsert(key=Key("contact", "P-1"), match=(Match("email", MAIL),), set={"title": "VD"})

    assert rules(world, ylva) == {ylva.key: "email"}


def test_what_was_made_before_the_connection_was_bound_again_is_found_by_its_marker() -> None:
    world = World()
    first = company(Match("name", "Norrskogens Sågverk AB"), name="Norrskogens Sågverk AB")
    world.now(first)
    world.rebind()
    world.clock.advance(10)

    assert rules(world, first) == {COMPANY: "marker"}
