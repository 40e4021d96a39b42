"""One person and their company come to one contact and one company, whoever tells of them first."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fakes import Lane, Tripwire, World
from tests.fakes.senders import FALLBACK, Shop, booking, buyer, customer, member, response, sale
from worker.errors import Failure, LeaseLost
from worker.plan import Match, Plan, normalised
from worker.sdk.mapping import Person
from worker.sync.matching import Matching

AT_WORK = "åsa@öberg.se"
PRIVATE = "åsa@gmail.com"
NAME = "Öbergs Åkeri AB"
NUMBER = "599999-0007"

SHORTEST_BREAK = 4.0
"""Who is frozen for longer than a record is held may find that it was written meanwhile: see test_leases."""

Teller = tuple[str, Plan]


def at_work() -> dict[str, Teller]:
    """Who tells of somebody at work: each of them knows the company by the host, the name or the number."""
    return {
        "form": ("formulär", response("1", Person(email=AT_WORK, name="Åsa Öberg"))),
        "form that names": ("formulär", response("2", Person(email=AT_WORK.upper(), company=NAME.upper()))),
        "other form": ("enkät", response("1", Person(email=AT_WORK))),
        "booking": ("bokning", booking("1", Person(email=AT_WORK, name="Åsa"))),
        "order": ("butik", sale("1", buyer(AT_WORK, company=NAME))),
        "order with number": ("butik", sale("2", buyer(AT_WORK, number="7", company=NAME, org_number=NUMBER))),
        "order of another shop": (
            "outlet",
            sale("1", buyer(AT_WORK, number="1", company=NAME, org_number="5999990007")),
        ),
        "crm": ("crm", tuple(member("1", NAME, AT_WORK, org_number=NUMBER, website="https://www.öberg.se/"))),
        "other crm": ("crm2", tuple(member("9", "Öbergs", AT_WORK, website="öberg.se"))),
    }


def consumers() -> dict[str, Teller]:
    """Who tells of a consumer."""
    return {
        "form": ("formulär", response("1", Person(email=PRIVATE, name="Åsa Öberg"))),
        "other form": ("enkät", response("1", Person(email=PRIVATE), fallback="Leads")),
        "booking": ("bokning", booking("1", Person(email=PRIVATE, name="Åsa"))),
        "customer": ("butik", customer(buyer(PRIVATE, number="7"))),
        "order": ("butik", sale("1", buyer(PRIVATE, number="7"))),
        "guest's order": ("butik", sale("2", buyer(PRIVATE))),
        "order of another shop": ("outlet", sale("1", buyer(PRIVATE, number="1"))),
        "order of a shop without own companies": (
            "rea",
            sale("1", buyer(PRIVATE, number="1"), Shop(consumers="fallback")),
        ),
    }


@dataclass(frozen=True)
class Telling:
    """`at`, `delay`: after so many calls of the event's worker, and so many seconds, the next one is told as well."""

    who: str
    wait: float
    at: int | None
    delay: float


def tellings(names: list[str]) -> st.SearchStrategy[list[Telling]]:
    one = st.builds(
        Telling,
        who=st.sampled_from(names),
        wait=st.sampled_from([0.0, 1.0, 6.0, 70.0]),
        at=st.none() | st.integers(1, 30),
        delay=st.sampled_from([0.0, 6.0]),
    )
    return st.lists(one, min_size=2, max_size=6)


def told(tellers: dict[str, Teller], order: list[Telling]) -> World:
    """Everything delivered. Each event comes while the one before it is being worked on, or later."""
    world = World(settled_after=60.0)
    world.matching = Matching(fallbacks=frozenset({FALLBACK.casefold(), "leads"}))
    lanes: list[Lane] = []

    def tell(number: int, *, frozen: bool = False) -> None:
        if number == len(order):
            return
        telling = order[number]
        connection, plan = tellers[telling.who]
        world.clock.advance(min(telling.wait, SHORTEST_BREAK) if frozen else telling.wait)
        lane = Lane(connection, f"{telling.who} {number}", [world.event(*plan, connection=connection)])
        lanes.append(lane)
        further: list[int] = []

        def meanwhile() -> None:
            further.append(number)
            world.wire = None
            world.clock.advance(telling.delay)
            tell(number + 1, frozen=True)

        world.wire = None if telling.at is None else Tripwire(telling.at, "before", meanwhile)
        with suppress(Failure, LeaseLost):
            world.attempt(lane)
        world.wire = None
        if not further:
            tell(number + 1, frozen=frozen)

    tell(0)
    world.deliver_all(lanes)
    world.settle()
    return world


def companies(world: World) -> list[str]:
    """All but those that take who has none."""
    taking = {FALLBACK, "Leads"}
    return [data["name"] for data in world.upsales.live("account").values() if data["name"] not in taking]


def place(world: World) -> str:
    (person,) = world.upsales.live("contact").values()
    return str(world.upsales.live("account")[person["client"]["id"]]["name"])


# Their company is made, with the domain, between a form's look for the person and its look for the company.
@example(order=[Telling("form that names", 0.0, 7, 0.0), Telling("other crm", 0.0, None, 0.0)])
@given(order=tellings(sorted(at_work())))
@settings(max_examples=100, deadline=None)
def test_somebody_at_work_is_one_contact_at_one_company(order: list[Telling]) -> None:
    world = told(at_work(), order)
    assert len(world.upsales.live("contact")) == 1, world.upsales.calls
    assert len(companies(world)) == 1, (companies(world), world.upsales.writes)
    assert place(world) == companies(world)[0]


@given(order=tellings(sorted(consumers())))
@settings(max_examples=100, deadline=None)
def test_a_consumer_is_one_contact_at_one_place(order: list[Telling]) -> None:
    world = told(consumers(), order)
    assert len(world.upsales.live("contact")) == 1, world.upsales.calls
    assert len(companies(world)) <= 1, (companies(world), world.upsales.writes)
    said = {each.who for each in order}
    if said & BUYING:
        assert place(world) == companies(world)[0]
    if said <= BUYING:
        assert len({sold["client"]["id"] for sold in world.upsales.live("order").values()}) == 1


BUYING = {"order", "guest's order", "order of another shop"}


def namers() -> dict[str, Teller]:
    """Some take somebody with a private address for a consumer, some name their company."""
    names = {
        "form that names": ("formulär", response("2", Person(email=PRIVATE, company=NAME))),
        "booking that names": ("bokning", booking("2", Person(email=PRIVATE, company=NAME.lower()))),
        "order that names": ("butik", sale("3", buyer(PRIVATE, number="7", company=NAME))),
        "crm": ("crm", tuple(member("1", NAME, PRIVATE, org_number=NUMBER))),
    }
    return {**consumers(), **names}


@given(order=tellings(sorted(namers())))
@settings(max_examples=100, deadline=None)
def test_a_consumer_whose_company_is_named_is_there(order: list[Telling]) -> None:
    world = told(namers(), order)
    assert len(world.upsales.live("contact")) == 1, world.upsales.calls
    there = Counter(name.casefold() for name in companies(world))
    assert not there or max(there.values()) == 1, (there, world.upsales.writes)
    named = {each.who for each in order} & (namers().keys() - consumers().keys())
    if named:
        assert place(world).casefold() == NAME.casefold()


OTHER = "599999-0015"


def branches() -> dict[str, Teller]:
    """Two companies of one name, which their numbers tell apart; some tell no number."""
    return {
        "one": ("crm", tuple(member("1", NAME, "åsa@ett.se", org_number=NUMBER))),
        "other": ("crm2", tuple(member("2", NAME, "bo@två.se", org_number=OTHER))),
        "order of one": ("butik", sale("1", buyer("åsa@ett.se", company=NAME, org_number="5999990007"))),
        "order of the other": ("outlet", sale("2", buyer("bo@två.se", company=NAME, org_number=OTHER))),
        "form": ("formulär", response("1", Person(email="cia@tre.se", company=NAME))),
        "form with number": ("enkät", response("1", Person(email="bo@två.se", company=NAME, org_number=OTHER))),
    }


@given(order=tellings(sorted(branches())))
@settings(max_examples=100, deadline=None)
def test_two_numbers_are_two_companies(order: list[Telling]) -> None:
    world = told(branches(), order)
    told_by = {
        "one": NUMBER,
        "order of one": NUMBER,
        "other": OTHER,
        "order of the other": OTHER,
        "form with number": OTHER,
    }
    wanted = {normalised(Match("orgNo", told_by[each.who])) for each in order if each.who in told_by}
    live = world.upsales.live("account")
    numbers = [normalised(Match("orgNo", data["orgNo"])) for data in live.values() if data.get("orgNo")]
    assert sorted(numbers) == sorted(wanted), (live, world.upsales.writes)
    for person in world.upsales.live("contact").values():
        mine = {"åsa@ett.se": NUMBER, "bo@två.se": OTHER}.get(person["email"])
        shown = live[person["client"]["id"]].get("orgNo")
        if mine and shown:
            assert normalised(Match("orgNo", shown)) == normalised(Match("orgNo", mine)), world.upsales.writes
