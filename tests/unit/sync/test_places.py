"""A person has one place: the company where their contact is. What was assumed of it gives way."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, get_args

import pytest

from tests.fakes import Fault, Lane, Tripwire, Trouble, World
from tests.fakes.breaking import Moment
from tests.fakes.senders import FALLBACK, Shop, booking, buyer, customer, member, response, sale
from worker.errors import Busy, Failure, OutcomeUnknown, Rejected, Unavailable
from worker.plan import ClientOf, Key, Match, Placed, Ref, Standing, Upsert
from worker.sdk.mapping import Person
from worker.sync.matching import Matching

MAIL = "åsa@gmail.com"
AT_WORK = "åsa@öberg.se"
NAME = "Öbergs Åkeri AB"
ASA = Person(email=MAIL, name="Åsa Öberg")
CONTACT = Key("contact", "kund:1")
MOMENTS: tuple[Moment, ...] = get_args(Moment)
HERE, THERE = Key("account", "bolag:1"), Key("account", "bolag:2")


@pytest.fixture
def world() -> World:
    world = World()
    world.matching = Matching(fallbacks=frozenset({FALLBACK.casefold(), "leads"}))
    return world


def only(world: World, resource: Any) -> dict[str, Any]:
    (data,) = world.upsales.live(resource).values()
    return data


def at(world: World, resource: Any) -> str:
    """The name of the company of the only record of a resource."""
    return str(world.upsales.live("account")[only(world, resource)["client"]["id"]]["name"])


def known(world: World, company: str = NAME, mail: str = MAIL, **fields: Any) -> tuple[int, int]:
    """A contact whom people placed at a company."""
    there = world.upsales.made("account", name=company, **fields)
    person = world.upsales.made("contact", email=mail, firstName="Åsa", lastName="Öberg", client={"id": there})
    world.clock.advance(60)
    return there, person


# Whose company a contact brings


@pytest.mark.parametrize("spelling", [MAIL, MAIL.upper()])
def test_a_contact_whom_people_placed_brings_the_company(world: World, spelling: str) -> None:
    known(world)
    world.now(*response("1", Person(email=spelling, company="Öbergs")))
    assert (at(world, "contact"), at(world, "activity")) == (NAME, NAME)
    assert len(world.upsales.live("account")) == 1


@pytest.mark.parametrize("inactive", [0, False])
def test_an_inactive_contact_brings_none(world: World, inactive: object) -> None:
    _, person = known(world)
    world.upsales.edited("contact", person, active=inactive)
    world.clock.advance(60)
    world.now(*response("1", ASA))
    assert at(world, "activity") == FALLBACK


def test_two_contacts_of_one_address_bring_none(world: World) -> None:
    known(world)
    known(world, "Annan")
    world.now(*sale("1", buyer(None, number="1")), subject="annan")
    result = Upsert(key=HERE, match=(Match("contact", MAIL, shared=True),), on_create={"name": "Ny"})
    world.now(result)
    assert "Ny" in [data["name"] for data in world.upsales.live("account").values()]


@pytest.mark.parametrize("fallback", [FALLBACK, f" {FALLBACK.upper()} ", "Leads"])
def test_a_company_that_takes_who_has_none_is_never_the_company_of_the_contact(world: World, fallback: str) -> None:
    shelter, _ = known(world, fallback)
    before = dict(world.upsales.live("account")[shelter])
    world.now(*sale("1", buyer(MAIL, number="7")))
    assert at(world, "order") == "Åsa Öberg"
    assert world.upsales.live("account")[shelter] == before
    assert shelter not in {row.record_id for row in world.store.links.values()}


def test_a_company_that_takes_who_has_none_is_filled_with_nothing(world: World) -> None:
    shelter = world.upsales.made("account", name=FALLBACK)
    world.clock.advance(60)
    before = dict(world.upsales.live("account")[shelter])
    told = Person(email=MAIL, name="Åsa", org_number="599999-0007", street="Gatan 1", city="Luleå", country="SE")
    world.now(*response("1", told))
    world.now(*sale("1", buyer(None, number="9", org_number="599999-0007"), Shop(consumers="fallback")), subject="9")
    assert world.upsales.live("account")[shelter] == before
    assert at(world, "activity") == FALLBACK


def test_whom_another_connection_took_in_stays_there(world: World) -> None:
    world.now(*response("1", ASA, fallback="Leads"), connection="formulär")
    world.clock.advance(60)
    world.now(*booking("1", ASA), connection="bokning")
    assert (at(world, "contact"), at(world, "appointment")) == ("Leads", "Leads")
    assert len(world.upsales.live("account")) == 1


def test_a_company_of_another_number_takes_nobody_in(world: World) -> None:
    """The contact is at a company whose number is another one than the buyer's."""
    known(world, orgNo="599999-0015")
    world.now(*response("1", Person(email=MAIL, name="Åsa", org_number="599999-0007")))
    assert at(world, "activity") == FALLBACK
    assert at(world, "contact") == NAME


def test_a_contact_that_another_worker_makes_is_waited_for(world: World) -> None:
    """Their company comes with them: until then nobody can tell where they are."""
    world.upsales.faults.extend([None, Fault(Trouble.UNANSWERED)])
    making = Lane("crm", "1", [world.event(*member("1", NAME, MAIL), connection="crm")])
    with pytest.raises(OutcomeUnknown):
        world.attempt(making)
    told = world.lane(*response("1", ASA), connection="formulär")
    with pytest.raises(Busy):
        world.attempt(told)
    world.deliver_all([making, told])
    assert [data["name"] for data in world.upsales.live("account").values()] == [NAME]
    assert (at(world, "contact"), at(world, "activity")) == (NAME, NAME)


def test_a_contact_that_the_run_itself_began_to_make_is_not_waited_for(world: World) -> None:
    world.upsales.faults.extend([None, Fault(Trouble.DROPPED)])
    lane = world.lane(*response("1", ASA))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.deliver(lane)
    assert (at(world, "contact"), at(world, "activity")) == (FALLBACK, FALLBACK)


# Where somebody is by now


@pytest.mark.parametrize("seconds", [0, 3, 60])
def test_a_consumer_who_was_moved_to_a_company_buys_there_from_then_on(world: World, seconds: float) -> None:
    world.now(*sale("1", buyer(MAIL, number="7")))
    world.clock.advance(60)
    world.now(*member("1", NAME, MAIL), connection="crm")
    world.clock.advance(seconds)
    world.now(*sale("2", buyer(MAIL, number="7")))
    world.now(*sale("3", buyer(MAIL)), connection="outlet")
    homes = [world.upsales.live("account")[data["client"]["id"]] for data in world.upsales.live("order").values()]
    assert [data["name"] for data in homes] == ["Åsa Öberg", NAME, NAME]
    assert at(world, "contact") == NAME


def test_a_consumer_whom_a_person_moved_buys_there_from_then_on(world: World) -> None:
    world.now(*sale("1", buyer(MAIL, number="7")))
    there = world.upsales.made("account", name=NAME)
    (person,) = world.upsales.live("contact")
    world.upsales.edited("contact", person, client={"id": there})
    world.clock.advance(60)
    world.now(*sale("2", buyer(MAIL, number="7")))
    assert [data["client"]["id"] for data in world.upsales.live("order").values()][1] == there
    assert at(world, "contact") == NAME


def test_a_consumer_whom_a_person_moved_among_those_without_company_keeps_their_own(world: World) -> None:
    world.now(*sale("1", buyer(MAIL, number="7")))
    shelter = world.upsales.made("account", name=FALLBACK)
    (person,) = world.upsales.live("contact")
    world.upsales.edited("contact", person, client={"id": shelter})
    world.clock.advance(60)
    world.now(*sale("2", buyer(MAIL, number="7")))
    orders = world.upsales.live("order").values()
    assert len({data["client"]["id"] for data in orders}) == 1
    assert len(world.upsales.live("account")) == 2
    assert at(world, "contact") == FALLBACK


def test_a_consumers_company_is_theirs_before_their_contact_is_made(world: World) -> None:
    """A worker died between the two, and search does not tell of a contact."""
    world.upsales.faults.extend([None, Fault(Trouble.UNAVAILABLE)])
    lane = world.lane(*sale("1", buyer(MAIL, number="7")))
    with pytest.raises(Unavailable):
        world.attempt(lane)
    world.clock.advance(60)
    world.now(*booking("1", ASA), connection="bokning")
    world.deliver(lane)
    assert at(world, "appointment") == at(world, "order") == at(world, "contact") == "Åsa Öberg"
    assert len(world.upsales.live("account")) == 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("step", range(1, 31))
def test_where_another_worker_just_put_somebody_is_not_where_people_put_them(
    world: World, step: int, moment: Moment
) -> None:
    """A shop assumes a company for the person; at any step of that, a form is filled in that names one."""
    world.now(*response("1", ASA), connection="formulär")
    names = world.lane(*booking("2", Person(email=MAIL, company=NAME)), connection="bokning")
    met: list[int] = []

    def meanwhile() -> None:
        world.wire = None
        met.append(step)
        world.clock.advance(8)
        with suppress(Failure):
            world.attempt(names)

    world.wire = Tripwire(step, moment, meanwhile)
    sells = world.lane(*sale("1", buyer(MAIL)))
    with suppress(Failure):
        world.attempt(sells)
    assert met, "the sale has fewer steps"
    world.deliver_all([sells, names])
    assert (at(world, "contact"), at(world, "appointment")) == (NAME, NAME)


# Assumed places give way


def placed(company: Key | int, standing: Standing, *, needed: bool = True) -> dict[str, tuple[Placed, ...]]:
    assert isinstance(company, Key)
    return {"client": (Placed(company, standing, needed),)}


def company(key: Key, name: str) -> Upsert:
    return Upsert(key=key, match=(Match("name", name, shared=True),), on_create={"name": name})


def person(where: Key, standing: Standing, **fields: str) -> Upsert:
    match = (Match("email", MAIL, shared=True),)
    return Upsert(key=CONTACT, match=match, if_empty={"email": MAIL, **fields}, placed=placed(where, standing))


FIRST, SECOND = company(HERE, "Första"), company(THERE, "Andra")

PAIRS = [(one, two) for one in (Standing.FALLBACK, Standing.OWN, Standing.TOLD) for two in list(Standing)[:3]]


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("folded", [False, True])
def test_a_surer_place_takes_the_place_of_a_less_sure_one(
    world: World, before: Standing, after: Standing, *, folded: bool
) -> None:
    one = world.event(FIRST, SECOND, person(HERE, before))
    two = world.event(FIRST, SECOND, person(THERE, after))
    if folded:
        world.deliver(Lane(waiting=[one, two]))
    else:
        world.deliver(Lane(waiting=[one]))
        world.deliver(Lane(waiting=[two]))
    assert at(world, "contact") == ("Andra" if after > before else "Första")


def test_an_older_event_that_is_surer_moves_them_as_well(world: World) -> None:
    world.deliver(Lane(waiting=[world.event(FIRST, person(HERE, Standing.OWN), minute=60)]))
    world.deliver(Lane(waiting=[world.event(SECOND, person(THERE, Standing.TOLD), minute=1)]))
    assert at(world, "contact") == "Andra"


def test_somebody_stays_where_a_person_moved_them(world: World) -> None:
    world.now(FIRST, person(HERE, Standing.FALLBACK))
    elsewhere = world.upsales.made("account", name="Tredje")
    (contact,) = world.upsales.live("contact")
    world.upsales.edited("contact", contact, client={"id": elsewhere})
    world.clock.advance(60)
    world.now(SECOND, person(THERE, Standing.TOLD))
    assert at(world, "contact") == "Tredje"
    world.now(SECOND, person(THERE, Standing.TOLD))
    assert at(world, "contact") == "Tredje"


def test_whom_people_placed_is_not_moved(world: World) -> None:
    known(world)
    world.now(SECOND, person(THERE, Standing.TOLD))
    assert at(world, "contact") == NAME


def test_where_nothing_changes_nothing_is_read_and_nothing_written(world: World) -> None:
    world.now(FIRST, SECOND, person(HERE, Standing.TOLD))
    world.clock.advance(60)
    calls = len(world.upsales.calls)
    for where, standing in ((HERE, Standing.TOLD), (THERE, Standing.TOLD), (THERE, Standing.OWN), (HERE, Standing.OWN)):
        world.now(FIRST, SECOND, person(where, standing))
    assert len(world.upsales.calls) == calls


def test_the_same_place_told_for_sure_is_remembered_without_a_call(world: World) -> None:
    world.now(FIRST, person(HERE, Standing.OWN))
    calls = len(world.upsales.calls)
    world.now(FIRST, person(HERE, Standing.TOLD))
    assert len(world.upsales.calls) == calls
    world.now(SECOND, person(THERE, Standing.TOLD))
    assert at(world, "contact") == "Första"


def test_what_happened_once_stays_where_it_was(world: World) -> None:
    def note(where: Key, standing: Standing) -> Upsert:
        return Upsert(
            key=Key("activity", "1"), on_create={"description": "Hej"}, placed={"client": (Placed(where, standing),)}
        )

    world.now(FIRST, note(HERE, Standing.FALLBACK))
    world.now(SECOND, note(THERE, Standing.TOLD))
    assert at(world, "activity") == "Första"


def test_what_needs_no_company_is_made_without_one(world: World) -> None:
    unknown = Upsert(key=HERE, match=(Match("contact", MAIL, shared=True),), create=False)
    note = Upsert(
        key=Key("activity", "1"),
        on_create={"description": "Hej"},
        placed=placed(HERE, Standing.OWN, needed=False),
    )
    world.now(unknown, note)
    assert "client" not in only(world, "activity")


# Stand-ins


def stand_in(key: Key = THERE) -> Upsert:
    return Upsert(key=key, match=(Match("name", FALLBACK, shared=True),), on_create={"name": FALLBACK}, instead_of=HERE)


def test_a_stand_in_is_not_made_where_the_company_is_there(world: World) -> None:
    there, _ = known(world)
    home = Upsert(key=HERE, match=(Match("contact", MAIL, shared=True),), create=False)
    world.now(stand_in(), home)
    assert set(world.upsales.live("account")) == {there}
    assert ("butik", THERE) not in world.store.links


def test_a_stand_in_is_made_where_it_is_not(world: World) -> None:
    home = Upsert(key=HERE, match=(Match("contact", MAIL, shared=True),), create=False)
    world.now(stand_in(), home)
    assert only(world, "account")["name"] == FALLBACK
    assert ("butik", HERE) not in world.store.links


# Domains of the account's own users


def test_a_colleague_makes_no_company_of_the_own_domain(world: World) -> None:
    world.upsales.own_domains = {"öberg.se"}
    world.now(*response("1", Person(email=AT_WORK, name="Åsa")))
    assert at(world, "activity") == FALLBACK
    assert only(world, "account").get("webpage") is None


def test_a_colleague_who_names_a_company_gives_it_no_own_domain(world: World) -> None:
    world.upsales.own_domains = {"öberg.se"}
    own = world.upsales.made("account", name="Vi själva", webpage="öberg.se")
    world.clock.advance(60)
    world.now(*response("1", Person(email=AT_WORK, company="Kunden AB")))
    made = next(data for data in world.upsales.live("account").values() if data["id"] != own)
    assert (made["name"], made.get("webpage")) == ("Kunden AB", None)
    assert at(world, "activity") == "Kunden AB"


def test_a_web_page_that_is_told_is_kept_though_own_users_have_addresses_there(world: World) -> None:
    world.upsales.own_domains = {"öberg.se"}
    world.now(*member("1", NAME, AT_WORK, website="öberg.se"), connection="crm")
    assert only(world, "account")["webpage"] == "öberg.se"


# The company of a contact


def visit(contact: Key | Ref) -> Upsert:
    return Upsert(key=Key("activity", "1"), on_create={"description": "Hej", "client": ClientOf(contact)})


def test_a_note_goes_to_the_company_where_the_contact_is_now(world: World) -> None:
    there, contact = known(world)
    world.now(visit(Ref(contact)))
    assert only(world, "activity")["client"]["id"] == there


def test_a_note_on_a_contact_that_is_not_known_has_no_company(world: World) -> None:
    world.now(visit(CONTACT))
    assert "client" not in only(world, "activity")


def test_a_note_on_a_contact_without_company_is_rejected(world: World) -> None:
    contact = world.upsales.made("contact", email=MAIL)
    with pytest.raises(Rejected, match=str(contact)):
        world.now(visit(Ref(contact)))


# What it costs


def calls(world: World, *upserts: Upsert, connection: str = "formulär", subject: str = "svar") -> list[str]:
    before = len(world.upsales.calls)
    world.now(*upserts, connection=connection, subject=subject)
    return [f"{call.method} {call.resource}" for call in world.upsales.calls[before:]]


def test_the_form_of_a_known_contact_costs_a_search_and_a_read(world: World) -> None:
    known(world)
    made = calls(world, *response("1", Person(email=MAIL, name="Åsa Öberg")))
    assert made == ["SEARCH contact", "GET account", "POST activity"]


def test_the_second_event_of_a_person_costs_one_read(world: World) -> None:
    known(world)
    calls(world, *response("1", ASA))
    world.clock.advance(60)
    assert calls(world, *response("2", ASA)) == ["GET contact", "POST activity"]


def test_the_second_event_of_a_person_costs_no_read_within_the_search_lag(world: World) -> None:
    calls(world, *response("1", Person(email=AT_WORK, name="Åsa")))
    assert calls(world, *response("2", Person(email=AT_WORK, name="Åsa"))) == ["POST activity"]


def test_another_connections_event_of_a_person_costs_no_search(world: World) -> None:
    calls(world, *response("1", Person(email=AT_WORK, name="Åsa")))
    world.clock.advance(60)
    made = calls(world, *booking("1", Person(email=AT_WORK, name="Åsa")), connection="bokning")
    assert [call for call in made if call.startswith("SEARCH")] == []
    assert made[-1] == "POST appointment"
    assert len(made) <= 4


def test_a_shops_second_order_costs_one_read(world: World) -> None:
    calls(world, *customer(buyer(MAIL, number="7")), connection="butik")
    calls(world, *sale("1", buyer(MAIL, number="7")), connection="butik")
    world.clock.advance(60)
    assert calls(world, *sale("2", buyer(MAIL, number="7")), connection="butik") == ["GET contact", "POST order"]
