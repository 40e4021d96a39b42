"""Somebody is found by their number, a switchboard's company is found, and nobody is taken at random."""

from __future__ import annotations

import pytest

from tests.fakes import Fault, Trouble, World
from tests.fakes.upsales import Data
from worker.errors import NeedsReview, OutcomeUnknown
from worker.plan import Ambiguous, ClientOf, Key, Match, Placed, Standing, Upsert

MOBILE, SWITCHBOARD = "+46701740605", "+4684650040"
CALLER, FIRM = Key("contact", "caller:1"), Key("account", "caller:1")
CALL, LOGGED, TODO = Key("phoneCall", "call:1"), Key("activity", "call:1"), Key("activity", "todo:1")


def caller(number: str, *mails: str, **made: str) -> Upsert:
    """`made`: what is known of somebody who is made where nobody is found."""
    by_mail = tuple(Match("email", mail, shared=True) for mail in mails)
    return Upsert(key=CALLER, match=(*by_mail, Match("phone", number, shared=True)), on_create=made, create=bool(made))


def firm(number: str, *, ambiguous: Ambiguous = "review") -> Upsert:
    match = (Match("contactPhone", number, shared=True), Match("phone", number, shared=True))
    return Upsert(key=FIRM, match=match, create=False, ambiguous=ambiguous)


def call(number: str, *, ambiguous: Ambiguous = "review", **said: str) -> tuple[Upsert, ...]:
    """At the contact; else an entry at the company; else a to-do."""
    return (
        caller(number),
        firm(number, ambiguous=ambiguous),
        Upsert(
            key=CALL,
            set=said,
            on_create={"contact": CALLER, "client": ClientOf(CALLER)},
            made_with=(CALLER,),
            made_without=(LOGGED, TODO),
        ),
        Upsert(
            key=LOGGED,
            set=said,
            on_create={"description": "Samtal"},
            placed={"client": (Placed(FIRM, Standing.TOLD),)},
            made_with=(FIRM,),
            made_without=(CALLER, TODO),
        ),
        Upsert(key=TODO, set=said, on_create={"description": "Vem ringde?"}, made_without=(CALLER, FIRM)),
    )


def linked(world: World, key: Key) -> int | None:
    link = world.access(world.lane()).ledger.link(key)
    return None if link is None else link.record_id


def made(world: World) -> dict[str, list[Data]]:
    """What there is of the call."""
    found = {name: list(world.upsales.live(name).values()) for name in ("phoneCall", "activity")}
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("field", ["phone", "cellPhone"])
@pytest.mark.parametrize("typed", ["070-174 06 05", "+46 (0)70 174 06 05", "0701740605"])
def test_somebody_is_found_by_either_number_as_people_type_it(field: str, typed: str) -> None:
    world = World()
    at = world.upsales.made("account", name="Öberg")
    contact = world.upsales.made("contact", name="Åsa", client={"id": at}, **{field: typed})
    world.clock.advance(10)
    world.now(*call(MOBILE))
    ((made_call,),) = made(world).values()
    assert made_call["contact"]["id"] == contact
    assert made_call["client"]["id"] == at


def test_address_counts_before_the_number() -> None:
    world = World()
    at = world.upsales.made("account", name="Öberg")
    world.upsales.made("contact", name="Bo", phone=MOBILE, client={"id": at})
    asa = world.upsales.made("contact", name="Åsa", email="asa@oberg.se", client={"id": at})
    world.clock.advance(10)
    world.now(caller(MOBILE, "privat@asa.se", "asa@oberg.se"))
    assert linked(world, CALLER) == asa


def test_several_of_one_company_are_that_company_and_nobody_of_them() -> None:
    world = World()
    at = world.upsales.made("account", name="Öberg")
    for name in ("Åsa", "Bo"):
        world.upsales.made("contact", name=name, phone="08-465 00 40", client={"id": at})
    world.clock.advance(10)
    result = world.now(*call(SWITCHBOARD))
    assert made(world).keys() == {"activity"}
    ((logged,),) = made(world).values()
    assert (logged["client"]["id"], logged["description"]) == (at, "Samtal")
    assert not result.absent


def test_several_of_several_companies_are_what_the_rule_says() -> None:
    world = World()
    ids = [
        world.upsales.made("account", name=name, journeyStep=step) for name, step in (("A", "lead"), ("B", "customer"))
    ]
    for at in ids:
        world.upsales.made("contact", name="Reception", phone="08-465 00 40", client={"id": at})
    world.clock.advance(10)
    with pytest.raises(NeedsReview) as review:
        world.now(*call(SWITCHBOARD))
    assert review.value.candidates == tuple(ids)
    assert not made(world)
    world.now(*call(SWITCHBOARD, ambiguous="as_upsales"))
    ((logged,),) = made(world).values()
    assert logged["client"]["id"] == ids[1]


def test_number_that_nobody_has_is_the_companys_main_number() -> None:
    world = World()
    at = world.upsales.made("account", name="Öberg", phone="08-465 00 40")
    world.clock.advance(10)
    world.now(*call(SWITCHBOARD))
    ((logged,),) = made(world).values()
    assert (logged["client"]["id"], logged["description"]) == (at, "Samtal")


def test_number_that_is_nobodys_is_told_once_also_when_somebody_has_it_later() -> None:
    world = World()
    result = world.now(*call(MOBILE, notes="1"))
    at = world.upsales.made("account", name="Öberg")
    world.upsales.made("contact", name="Åsa", phone=MOBILE, client={"id": at})
    world.clock.advance(10)
    world.now(*call(MOBILE, notes="2"))
    assert made(world).keys() == {"activity"}
    ((todo,),) = made(world).values()
    assert (todo["description"], todo["notes"]) == ("Vem ringde?", "2")
    assert not result.absent


def test_deleted_call_is_not_logged_in_another_way() -> None:
    world = World()
    at = world.upsales.made("account", name="Öberg")
    world.upsales.made("contact", name="Åsa", phone=MOBILE, client={"id": at})
    world.clock.advance(10)
    world.now(*call(MOBILE, notes="1"))
    (logged,) = world.upsales.live("phoneCall")
    world.upsales.deleted("phoneCall", logged)
    world.clock.advance(1000)
    world.now(*call(MOBILE, notes="2"))
    assert not made(world)


def test_fallback_company_is_nobodys_number() -> None:
    world = World()
    world.matching = world.matching.__class__(fallbacks=frozenset({"okända"}))
    at = world.upsales.made("account", name="Okända")
    for name in ("Åsa", "Bo"):
        world.upsales.made("contact", name=name, phone="08-465 00 40", client={"id": at})
    world.clock.advance(10)
    world.now(*call(SWITCHBOARD))
    ((todo,),) = made(world).values()
    assert todo["description"] == "Vem ringde?"


@pytest.mark.parametrize(("number", "theirs"), [(MOBILE, True), (SWITCHBOARD, False)])
def test_another_address_is_another_person_where_many_may_have_the_number(number: str, *, theirs: bool) -> None:
    world = World()
    bo = world.upsales.made("contact", name="Bo", email="bo@oberg.se", phone=number)
    world.clock.advance(10)
    world.now(caller(number, "asa@oberg.se", name="Åsa"))
    assert (linked(world, CALLER) == bo) is theirs


def test_somebody_who_was_just_made_is_found_before_search_shows_them() -> None:
    world = World()
    world.now(caller(MOBILE, name="+46 70 174 06 05", phone=MOBILE))
    other = Upsert(key=Key("contact", "caller:2"), match=caller(MOBILE).match, on_create={"phone": MOBILE})
    world.now(other)
    assert len(world.upsales.live("contact")) == 1


def test_second_one_with_the_number_is_seen_though_the_first_is_known() -> None:
    world = World()
    at = world.upsales.made("account", name="Öberg")
    world.upsales.made("contact", name="Åsa", phone=SWITCHBOARD, client={"id": at})
    world.clock.advance(10)
    world.now(caller(SWITCHBOARD))
    world.upsales.made("contact", name="Bo", phone=SWITCHBOARD, client={"id": at})
    world.clock.advance(10)
    later = Upsert(key=Key("contact", "caller:2"), match=caller(SWITCHBOARD).match, create=False)
    world.now(later)
    assert linked(world, later.key) is None


def test_create_without_an_answer_is_found_again() -> None:
    world = World(marked=())
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    lane = world.lane(caller(MOBILE, name="Ny", phone=MOBILE))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.deliver(lane)
    assert len(world.upsales.live("contact")) == 1
