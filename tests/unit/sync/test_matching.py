"""Which company is meant: by the link, the number, the contact, the host, the name, in this order."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import Tripwire, World
from worker.errors import Busy, NeedsReview, Rejected
from worker.plan import Key, Match, Upsert, User, Value, without_legal_form
from worker.sync.fold import Change, Step
from worker.sync.matching import Matching, as_upsales, contradicts
from worker.sync.records import Found

NUMBER = "599999-0007"
OTHER = "599999-0015"
MAIL = "åsa@öberg.se"
HERE = Key("account", "bolag:1")


def told(key: str = "bolag:1", *, distinct: bool = False, ambiguous: Any = "review", **natural: str) -> Upsert:
    """A company that is told by its natural keys."""
    fields: dict[str, Value] = {name: value for name, value in natural.items() if name in ("orgNo", "webpage")}
    return Upsert(
        key=Key("account", key),
        match=tuple(Match(name, value, shared=not distinct) for name, value in natural.items()),
        on_create={"name": natural.get("name", "Ny")},
        if_empty=fields,
        ambiguous=ambiguous,
    )


def everything() -> Upsert:
    """The keys are told in another order than they are looked for."""
    return told(name="Öbergs", webpage="öberg.se", contact=MAIL, orgNo=NUMBER)


def linked(world: World, key: Key = HERE, connection: str = "butik") -> int | None:
    link = world.store.links.get((connection, key))
    return None if link is None else link.record_id


def by_number(world: World) -> int:
    return world.upsales.made("account", name="Efter nummer", orgNo="5999990007")


def by_contact(world: World) -> int:
    there = world.upsales.made("account", name="Efter kontakt")
    world.upsales.made("contact", email=MAIL, client={"id": there})
    return there


def by_domain(world: World) -> int:
    return world.upsales.made("account", name="Efter sida", webpage="https://www.öberg.se/")


def by_name(world: World) -> int:
    return world.upsales.made("account", name="ÖBERGS ")


RULES = (by_number, by_contact, by_domain, by_name)


@pytest.mark.parametrize("first", range(len(RULES)))
def test_the_surest_rule_decides(first: int) -> None:
    world = World()
    ids = [rule(world) for rule in reversed(RULES[first:])]
    world.clock.advance(60)
    world.now(everything())
    assert linked(world) == ids[-1]
    assert len(world.upsales.live("account")) == len(ids)


def test_the_link_comes_before_any_rule() -> None:
    world = World()
    world.now(everything())
    mine = linked(world)
    by_number(world)
    by_contact(world)
    world.clock.advance(60)
    searches = len(world.upsales.of("SEARCH"))
    world.now(told(name="Annat", orgNo=NUMBER))
    assert linked(world) == mine
    assert len(world.upsales.of("SEARCH")) == searches


def test_a_rule_that_an_account_leaves_out_finds_nothing() -> None:
    world = World()
    world.matching = Matching(order=("link", "name"))
    by_number(world)
    by_contact(world)
    by_domain(world)
    named = by_name(world)
    world.clock.advance(60)
    world.now(everything())
    assert linked(world) == named


def test_the_order_is_the_accounts() -> None:
    world = World()
    world.matching = Matching(order=("link", "name", "domain", "contact", "number"))
    by_number(world)
    named = by_name(world)
    world.clock.advance(60)
    world.now(everything())
    assert linked(world) == named


@pytest.mark.parametrize("rule", [by_contact, by_domain, by_name])
def test_a_company_of_another_number_is_another_company(rule: Any) -> None:
    world = World()
    there = rule(world)
    world.upsales.edited("account", there, orgNo=OTHER)
    world.clock.advance(60)
    world.now(everything())
    assert len(world.upsales.live("account")) == 2
    assert world.upsales.live("account")[there]["orgNo"] == OTHER


def test_a_company_of_another_number_does_not_hide_one_without() -> None:
    world = World()
    other = by_name(world)
    world.upsales.edited("account", other, orgNo=OTHER)
    bare = by_name(world)
    world.clock.advance(60)
    world.now(everything())
    assert linked(world) == bare
    assert world.upsales.live("account")[bare]["orgNo"] == NUMBER


def test_a_number_that_we_wrote_a_moment_ago_counts_though_search_does_not_show_it() -> None:
    world = World()
    by_name(world)
    world.clock.advance(60)
    world.now(told(name="Öbergs", orgNo=NUMBER), connection="ett")
    world.now(told(name="Öbergs", orgNo=OTHER), connection="två")
    assert sorted(data["orgNo"] for data in world.upsales.live("account").values()) == [NUMBER, OTHER]


def test_a_hit_fills_number_and_web_page_where_they_are_empty() -> None:
    world = World()
    there = by_name(world)
    world.clock.advance(60)
    world.now(everything())
    shown = world.upsales.live("account")[there]
    assert (shown["name"], shown["orgNo"], shown["webpage"]) == ("ÖBERGS", NUMBER, "öberg.se")


def test_a_hit_keeps_what_people_wrote() -> None:
    world = World()
    there = by_number(world)
    world.upsales.edited("account", there, webpage="https://annan.se")
    world.clock.advance(60)
    world.now(everything())
    assert not world.upsales.writes
    assert linked(world) == there


@pytest.mark.parametrize(
    ("name", "webpage", "another"),
    [
        ("Norrbygg AB", "norrbygg.se", False),
        ("Norrbygg AB", "", False),
        ("Norrbygg AB", "annan.se", True),
        ("norrbygg", "annan.se", False),
    ],
)
def test_names_of_other_legal_forms_are_another_company_at_another_host(
    name: str, webpage: str, *, another: bool
) -> None:
    page = Match("webpage", "www.norrbygg.se")
    assert contradicts(Match("legalName", "Norrbygg"), [page], {"name": name, "webpage": webpage}) is another


def test_what_was_found_by_its_number_is_not_contradicted_by_a_number() -> None:
    number = Match("orgNo", NUMBER)
    assert not contradicts(number, [number], {"orgNo": OTHER})


JOURNEYS = [
    ({"journeyStep": "lead"}, {"journeyStep": "customer"}, 2),
    ({"journeyStep": "CUSTOMER"}, {"journeyStep": "customer"}, 1),
    ({"journeyStep": "lost_customer"}, {"journeyStep": "pipeline"}, 1),
    ({"journeyStep": "disqualified"}, {"journeyStep": "lead"}, 2),
    ({}, {"journeyStep": "disqualified"}, 2),
    ({"journeyStep": "okänt"}, {"journeyStep": None}, 1),
    ({}, {"hasActivity": True}, 2),
    ({}, {"hasAppointment": True}, 2),
    ({}, {"hasPhonecall": True}, 2),
    ({"hasActivity": False}, {}, 1),
    ({"journeyStep": "lead"}, {"hasActivity": True}, 1),
    ({}, {}, 1),
]


@pytest.mark.parametrize(("one", "two", "taken"), JOURNEYS)
def test_upsales_takes_the_furthest_then_the_planned_then_the_oldest(
    one: dict[str, Any], two: dict[str, Any], taken: int
) -> None:
    assert as_upsales([Found(1, one), Found(2, two)]).id == taken
    assert as_upsales([Found(2, two), Found(1, one)]).id == taken


def test_several_hits_are_a_persons_to_decide_for_who_knows_companies() -> None:
    world = World()
    ids = (by_domain(world), by_domain(world))
    world.clock.advance(60)
    with pytest.raises(NeedsReview) as review:
        world.now(told(webpage="öberg.se"))
    assert review.value.candidates == ids
    assert not world.upsales.writes


def test_several_hits_are_decided_as_upsales_does_for_forms() -> None:
    world = World()
    by_domain(world)
    there = world.upsales.made("account", name="Kund", webpage="öberg.se", journeyStep="customer")
    world.clock.advance(60)
    world.now(told(webpage="öberg.se", ambiguous="as_upsales"))
    assert linked(world) == there


def test_an_inactive_hit_does_not_stand_beside_an_active_one() -> None:
    world = World()
    world.upsales.made("account", name="Förr", webpage="öberg.se", journeyStep="customer", active=0)
    there = by_domain(world)
    world.clock.advance(60)
    world.now(told(webpage="öberg.se", ambiguous="as_upsales"))
    assert linked(world) == there


@pytest.mark.parametrize(("accounts", "connectors"), [("as_upsales", "review"), ("as_upsales", "as_upsales")])
def test_the_accounts_setting_decides_before_the_connectors(accounts: Any, connectors: Any) -> None:
    world = World()
    world.matching = Matching(ambiguous=accounts)
    first = by_domain(world)
    by_domain(world)
    world.clock.advance(60)
    world.now(told(webpage="öberg.se", ambiguous=connectors))
    assert linked(world) == first


def test_a_person_is_asked_where_the_account_says_so_even_for_forms() -> None:
    world = World()
    world.matching = Matching(ambiguous="review")
    by_domain(world)
    by_domain(world)
    world.clock.advance(60)
    with pytest.raises(NeedsReview):
        world.now(told(webpage="öberg.se", ambiguous="as_upsales"))


def test_a_change_asks_a_person_if_any_of_its_steps_wants_that() -> None:
    world = World()
    steps = [Step(world.event(), told(ambiguous=wanted)) for wanted in ("as_upsales", "review")]
    assert Change(HERE, tuple(steps)).ambiguous == "review"
    assert Change(HERE, tuple(steps[:1])).ambiguous == "as_upsales"


def test_two_ids_of_a_sender_are_two_companies_whatever_their_natural_keys() -> None:
    world = World()
    for number in ("1", "2"):
        world.now(told(f"bolag:{number}", distinct=True, name="Öbergs", orgNo=NUMBER))
        world.clock.advance(60)
    assert len(world.upsales.live("account")) == 2


def test_an_id_of_a_sender_takes_the_company_that_a_natural_key_of_its_connection_has() -> None:
    """A buyer named the company before the shop told of the company itself."""
    world = World()
    world.now(told("company:öbergs", name="Öbergs"))
    world.clock.advance(60)
    world.now(told("bolag:1", distinct=True, name="Öbergs", orgNo=NUMBER))
    assert linked(world) == linked(world, Key("account", "company:öbergs"))
    world.clock.advance(60)
    world.now(told("bolag:2", distinct=True, name="Öbergs"))
    assert len(world.upsales.live("account")) == 2


def test_ids_of_two_connections_are_one_company() -> None:
    world = World()
    world.now(told("bolag:1", distinct=True, name="Öbergs", orgNo=NUMBER), connection="ett")
    world.now(told("bolag:9", distinct=True, name="Annat", orgNo=NUMBER), connection="två")
    assert len(world.upsales.live("account")) == 1


@pytest.mark.parametrize("seconds", [0, 3, 60])
@pytest.mark.parametrize("name", ["Norrbygg Aktiebolag", "NORRBYGG", "AB Norrbygg", "Norrbygg AB (publ)"])
def test_legal_forms_are_joined_where_a_setting_says_so(seconds: float, name: str) -> None:
    world = World()
    world.matching = Matching(name="legal_form")
    world.now(told("bolag:1", name="Norrbygg AB"), connection="ett")
    world.clock.advance(seconds)
    world.now(told("bolag:9", name=name), connection="två")
    assert len(world.upsales.live("account")) == 1


def test_legal_forms_are_companies_of_their_own_by_default() -> None:
    world = World()
    world.now(told("bolag:1", name="Norrbygg AB"), connection="ett")
    world.clock.advance(60)
    world.now(told("bolag:9", name="Norrbygg Aktiebolag"), connection="två")
    assert len(world.upsales.live("account")) == 2


def test_a_name_that_is_exact_comes_before_one_of_another_legal_form() -> None:
    world = World()
    world.matching = Matching(name="legal_form")
    world.upsales.made("account", name="Norrbygg Aktiebolag")
    exact = world.upsales.made("account", name="norrbygg  ab")
    world.clock.advance(60)
    world.now(told(name="Norrbygg AB"))
    assert linked(world) == exact


@pytest.mark.parametrize("seconds", [0, 60])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_letter_with_a_ring_is_one_letter_however_it_is_written(seconds: float, form: Any) -> None:
    world = World()
    for number, way in enumerate((form, "NFC" if form == "NFD" else "NFD")):
        name = unicodedata.normalize(way, "Åkeri Öberg")
        mail = unicodedata.normalize(way, MAIL)
        home = told(f"bolag:{number}", name=name)
        person = Upsert(
            key=Key("contact", f"kund:{number}"),
            match=(Match("email", mail, shared=True),),
            if_empty={"email": mail},
            placed={},
        )
        world.now(home, person, connection=way)
        world.clock.advance(seconds)
    assert len(world.upsales.live("account")) == 1
    assert len(world.upsales.live("contact")) == 1


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Norrbygg AB (publ)", "norrbygg"),
        ("Norrbygg, AB.", "norrbygg"),
        ("AB Norrbygg", "norrbygg"),
        ("Aktiebolaget Norrbygg", "aktiebolaget norrbygg"),
        ("Norrbygg A/S", "norrbygg"),
        ("Oy Norrbygg Ab", "norrbygg"),
        ("Norrbygg,AB", "norrbygg"),
        ("Norr, Bygg & Co AB", "norr bygg & co"),
        (", AB", "ab"),
        ("AB", "ab"),
        ("Abba", "abba"),
        ("Fiskab", "fiskab"),
    ],
)
def test_a_legal_form_is_a_word_of_its_own(name: str, bare: str) -> None:
    assert without_legal_form(name) == bare


def numbers(world: World) -> list[str]:
    return sorted(str(data.get("orgNo")) for data in world.upsales.live("account").values())


def given_another_meanwhile(world: World, at: int, seconds: float) -> None:
    """A worker found a company by its name; at its call another one tells another number, and it goes on after a while."""

    def meanwhile() -> None:
        world.wire = None
        with suppress(Busy):
            world.attempt(other)
        world.clock.advance(seconds)
        with suppress(Busy):
            world.attempt(other)

    by_name(world)
    world.clock.advance(60)
    one = world.lane(told(name="Öbergs", orgNo=NUMBER), connection="ett")
    other = world.lane(told(name="Öbergs", orgNo=OTHER), connection="två")
    world.wire = Tripwire(at, "before", meanwhile)
    world.deliver_all([one, other])
    assert world.wire is None


def calls_of_a_find() -> list[str]:
    world = World()
    by_name(world)
    world.clock.advance(60)
    world.wire = Tripwire()
    world.now(told(name="Öbergs", orgNo=NUMBER))
    return world.wire.calls


@pytest.mark.parametrize("at", range(1, len(calls_of_a_find()) + 1))
def test_two_workers_never_give_one_company_two_numbers(at: int) -> None:
    world = World()
    given_another_meanwhile(world, at, seconds=0)
    assert numbers(world) == [NUMBER, OTHER]
    ids = {row.record_id for (_, key), row in world.store.links.items() if key.resource == "account"}
    assert len(ids) == 2


@pytest.mark.parametrize("at", range(1, len(calls_of_a_find()) + 1))
def test_a_worker_that_stands_still_for_longer_than_it_holds_a_company_overwrites_no_number(at: int) -> None:
    """It may be left with the company of the other number."""
    world = World()
    given_another_meanwhile(world, at, seconds=world.timing.hold + 1)
    assert OTHER in numbers(world)
    assert len([call for call in world.upsales.writes if call.body.get("orgNo") == OTHER]) == 1


def test_a_company_is_let_go_when_nothing_can_be_written_to_it() -> None:
    world = World()
    by_name(world)
    world.clock.advance(60)
    wrong = told(name="Öbergs", orgNo=NUMBER)
    with pytest.raises(Rejected):
        world.now(replace(wrong, set={"user": User("okänd@öberg.se")}), connection="ett")
    assert not any(row.holder for row in world.store.records.values())
    world.attempt(world.lane(told(name="Öbergs", phone="1"), connection="två"))


def test_a_company_is_let_go_when_nothing_is_left_to_write() -> None:
    world = World()
    there = by_name(world)
    world.upsales.edited("account", there, orgNo=NUMBER, webpage="öberg.se")
    world.clock.advance(60)
    world.matching = Matching(order=("link", "name"))
    world.now(everything())
    assert linked(world) == there
    assert not world.upsales.writes
    assert not any(row.holder for row in world.store.records.values())
