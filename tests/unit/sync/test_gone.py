"""Records that people deleted or merged in Upsales."""

from __future__ import annotations

import pytest

from tests.fakes import Crash, Fault, Tripwire, Trouble, World
from worker.errors import Refused, Rejected, Waiting
from worker.plan import IfKnown, Key, Match, Resource, Upsert
from worker.sync.records import LinkState

COMPANY = Key("account", "företag:1")
PERSON = Key("contact", "kund:1")
ASA = Match("email", "åsa@öberg.se")


def company(name: str) -> Upsert:
    return Upsert(key=COMPANY, match=(Match("name", "Åkeri"),), set={"name": name})


def person(title: str) -> Upsert:
    return Upsert(key=PERSON, match=(ASA,), set={"email": ASA.value, "client": COMPANY, "title": title})


def order(number: str, notes: str = "") -> Upsert:
    return Upsert(key=Key("order", number), set={"contact": PERSON, "description": "Ö", "notes": notes})


def only(world: World, resource: Resource) -> int:
    (found,) = world.upsales.live(resource)
    return found


def test_a_record_that_a_person_deleted_is_not_made_again() -> None:
    world = World()
    world.now(company("Åkeri"))
    world.upsales.deleted("account", only(world, "account"))
    assert world.now(company("Åkeri AB")).deleted == [COMPANY]
    writes = len(world.upsales.writes)
    assert world.now(company("Åkeri & Söner")).deleted == [COMPANY]
    assert len(world.upsales.writes) == writes
    assert not world.upsales.live("account")


def test_a_record_that_a_person_deleted_is_made_again_where_that_is_wanted() -> None:
    world = World()
    world.recreate_deleted = True
    world.now(company("Åkeri"))
    world.clock.advance(10)
    world.upsales.deleted("account", only(world, "account"))
    assert not world.now(company("Åkeri AB")).deleted
    assert world.upsales.live("account")[only(world, "account")]["name"] == "Åkeri AB"


@pytest.mark.parametrize("recreate", [True, False])
def test_a_merge_that_search_does_not_show_yet_is_waited_for(*, recreate: bool) -> None:
    world = World()
    world.recreate_deleted = recreate
    world.now(company("Åkeri"))
    world.clock.advance(60)
    loser = only(world, "account")
    winner = world.upsales.made("account", name="Åkeriet")
    world.clock.advance(60)
    world.upsales.merged("account", loser, winner)
    world.clock.advance(1)
    assert not world.now(company("Åkeri AB")).deleted
    assert only(world, "account") == winner
    assert world.upsales.live("account")[winner]["name"] == "Åkeri AB"


def test_the_wait_for_a_merge_begins_when_the_record_is_first_missed() -> None:
    world = World()
    world.now(company("Åkeri"))
    world.clock.advance(60)
    world.upsales.deleted("account", only(world, "account"))
    lane = world.lane(company("Åkeri AB"))
    waits = []
    for seconds in (2.0, 3.0):
        with pytest.raises(Waiting, match=r"account \d+ is not in Upsales any more") as raised:
            world.attempt(lane)
        waits.append(raised.value.seconds)
        world.clock.advance(seconds)
    assert waits == [pytest.approx(5.0), pytest.approx(3.0)]
    assert world.attempt(lane).deleted == [COMPANY]


def test_a_record_that_was_missed_once_and_is_there_again_counts_as_never_missed() -> None:
    world = World()
    world.now(company("Åkeri"))
    world.clock.advance(60)
    record_id = only(world, "account")
    lane = world.lane(company("Åkeri AB"))
    data = world.upsales.hidden("account", record_id)
    with pytest.raises(Waiting):
        world.attempt(lane)
    world.upsales.shown_again("account", data)
    assert not world.deliver(lane).deleted
    assert world.upsales.live("account")[record_id]["name"] == "Åkeri AB"
    world.clock.advance(3600)
    world.upsales.deleted("account", record_id)
    with pytest.raises(Waiting):
        world.attempt(world.lane(company("Åkeri & Söner")))


def buried(world: World) -> int:
    """A company that we count as deleted."""
    world.now(company("Åkeri"))
    world.clock.advance(60)
    record_id = only(world, "account")
    world.upsales.deleted("account", record_id)
    world.clock.advance(60)
    assert world.now(company("Åkeri AB")).deleted == [COMPANY]
    return record_id


def test_a_record_that_comes_back_is_found_when_a_later_event_comes() -> None:
    world = World()
    world.now(company("Åkeri"))
    world.clock.advance(60)
    record_id = only(world, "account")
    data = world.upsales.hidden("account", record_id)
    world.clock.advance(60)
    assert world.now(company("Åkeri AB")).deleted == [COMPANY]
    world.upsales.shown_again("account", data)
    assert not world.now(company("Åkeri & Söner")).deleted
    assert world.upsales.live("account") == {record_id: {**data, "name": "Åkeri & Söner"}}


@pytest.mark.parametrize("found_by", ["marker", "natural key"])
def test_a_record_that_a_person_made_again_is_found_when_a_later_event_comes(found_by: str) -> None:
    world = World()
    world.now(company("Åkeri"))
    custom = next(iter(world.upsales.live("account").values()))["custom"]
    record_id = only(world, "account")
    world.clock.advance(60)
    world.upsales.deleted("account", record_id)
    world.clock.advance(60)
    assert world.now(company("Åkeri AB")).deleted == [COMPANY]
    known = {"custom": custom} if found_by == "marker" else {"name": "Åkeri"}
    again = world.upsales.made("account", **known)
    world.clock.advance(60)
    assert not world.now(company("Åkeri & Söner")).deleted
    assert only(world, "account") == again
    assert world.upsales.live("account")[again]["name"] == "Åkeri & Söner"


def test_a_record_that_came_back_as_another_things_is_not_taken_from_it() -> None:
    world = World()
    world.now(company("Åkeri"))
    world.clock.advance(60)
    data = world.upsales.hidden("account", only(world, "account"))
    world.clock.advance(60)
    assert world.now(company("Åkeri AB")).deleted == [COMPANY]
    world.upsales.shown_again("account", {**data, "custom": []})
    world.clock.advance(60)
    other = Upsert(key=Key("account", "företag:2"), match=(Match("name", "Åkeri"),), set={"name": "Åkeri"})
    world.now(other, subject="företag:2")
    assert world.now(company("Åkeri AB")).deleted == [COMPANY]
    assert world.store.links["butik", other.key].record_id == data["id"]


def test_deleted_records_are_made_again_once_that_is_wanted() -> None:
    world = World()
    buried(world)
    world.recreate_deleted = True
    assert not world.now(company("Åkeri & Söner")).deleted
    assert world.upsales.live("account")[only(world, "account")]["name"] == "Åkeri & Söner"


@pytest.mark.parametrize("together", [True, False])
def test_what_links_to_a_deleted_record_says_so(*, together: bool) -> None:
    world = World()
    buried(world)
    order = Upsert(key=Key("order", "1"), set={"description": "Ö", "client": COMPANY})
    upserts = [company("Åkeri AB"), order] if together else [order]
    with pytest.raises(Rejected, match="the account 'företag:1' that it links to was deleted in Upsales"):
        world.now(*upserts)
    left_out = Upsert(key=Key("order", "2"), set={"description": "Å", "client": IfKnown(COMPANY)})
    world.now(left_out)
    assert [made["description"] for made in world.upsales.live("order").values()] == ["Å"]


def test_what_links_to_a_record_that_came_back_is_linked_to_it() -> None:
    world = World()
    world.now(company("Åkeri"))
    world.clock.advance(60)
    data = world.upsales.hidden("account", only(world, "account"))
    world.clock.advance(60)
    assert world.now(company("Åkeri AB")).deleted == [COMPANY]
    world.upsales.shown_again("account", data)
    world.now(Upsert(key=Key("order", "1"), set={"description": "Ö", "client": COMPANY}))
    (made,) = world.upsales.live("order").values()
    assert made["client"]["id"] == data["id"]


@pytest.mark.parametrize("found_by", ["marker", "natural key"])
def test_the_survivor_of_a_merge_is_adopted(found_by: str) -> None:
    world = World() if found_by == "marker" else World(marked=())
    world.now(company("Åkeri"))
    loser = only(world, "account")
    winner = world.upsales.made("account", name="Åkeri" if found_by == "natural key" else "Åkeriet")
    world.upsales.merged("account", loser, winner)
    world.clock.advance(10)
    assert not world.now(company("Åkeri AB")).deleted
    assert only(world, "account") == winner
    assert world.upsales.live("account")[winner]["name"] == "Åkeri AB"


def test_the_survivor_of_a_merge_is_adopted_wherever_a_worker_dies() -> None:
    for at in range(1, 60):
        world = World()
        world.now(company("Åkeri"))
        world.clock.advance(10)
        winner = world.upsales.made("account", name="Åkeriet")
        world.upsales.merged("account", only_other(world, winner), winner)
        world.clock.advance(10)
        lane = world.lane(company("Åkeri AB"))
        world.wire = wire = Tripwire(at)
        try:
            world.deliver(lane)
        except Crash:
            world.wire = None
            world.clock.advance(120)
            world.deliver(lane)
        assert only(world, "account") == winner, wire.calls
        if len(wire.calls) < at:
            return


SHOP = Key("account", "kund:1")
FORM = Key("account", "svar:1")
NUMBER = Match("orgNo", "599999-0046", shared=True)


def from_shop(**fields: str) -> Upsert:
    return Upsert(key=SHOP, match=(NUMBER,), set={"orgNo": NUMBER.value, **fields}, on_create={"name": "Åkeri"})


def from_form(**fields: str) -> Upsert:
    return Upsert(key=FORM, match=(Match("name", "Åkeri", shared=True),), set=fields, on_create={"name": "Åkeri"})


def shared(world: World) -> int:
    """A company that two connections know, one by its number, the other by its name. Merged into another one, only its number is left of it."""
    world.now(from_shop(), connection="butik")
    world.clock.advance(60)
    world.now(from_form(phone="08-1"), connection="formulär", subject="svar:1")
    return only(world, "account")


def merge(world: World, loser: int) -> int:
    winner = world.upsales.made("account", name="Åkeriet", orgNo=NUMBER.value)
    world.clock.advance(60)
    world.upsales.merged("account", loser, winner)
    world.clock.advance(60)
    return winner


def links(world: World) -> dict[str, tuple[LinkState, int | None]]:
    return {connection: (link.state, link.record_id) for (connection, _), link in world.store.links.items()}


def test_whoever_finds_the_survivor_of_a_merge_finds_it_for_all_who_knew_the_lost_record() -> None:
    world = World()
    winner = merge(world, shared(world))
    world.now(from_shop(notes="ny"), connection="butik")
    assert set(links(world).values()) == {(LinkState.LINKED, winner)}
    reads = len(world.upsales.reads)
    world.now(from_form(phone="08-2"), connection="formulär", subject="svar:1")
    assert len(world.upsales.reads) == reads
    assert world.upsales.live("account")[only(world, "account")]["phone"] == "08-2"
    assert world.upsales.live("account")[winner]["notes"] == "ny"


def test_whoever_does_not_find_the_survivor_of_a_merge_speaks_for_nobody_else() -> None:
    world = World()
    loser = shared(world)
    winner = merge(world, loser)
    assert world.now(from_form(phone="08-2"), connection="formulär", subject="svar:1").deleted == [FORM]
    assert links(world) == {"butik": (LinkState.LINKED, loser), "formulär": (LinkState.GONE, loser)}
    assert not world.now(from_shop(notes="ny"), connection="butik").deleted
    assert world.upsales.live("account")[winner]["notes"] == "ny"
    assert set(links(world).values()) == {(LinkState.LINKED, winner)}
    world.now(from_form(phone="08-3"), connection="formulär", subject="svar:1")
    assert world.upsales.live("account")[winner]["phone"] == "08-3"
    assert len(world.upsales.live("account")) == 1


@pytest.mark.parametrize("recreate", [True, False])
def test_each_finds_out_by_itself_that_a_person_deleted_what_they_share(*, recreate: bool) -> None:
    world = World()
    world.recreate_deleted = recreate
    world.upsales.deleted("account", shared(world))
    world.clock.advance(60)
    deleted = list(world.now(from_shop(notes="ny"), connection="butik").deleted)
    world.clock.advance(60)
    deleted += world.now(from_form(phone="08-2"), connection="formulär", subject="svar:1").deleted
    assert deleted == ([] if recreate else [SHOP, FORM])
    assert len(world.upsales.live("account")) == recreate
    assert not recreate or len(set(links(world).values())) == 1


def test_what_the_lost_record_was_known_by_is_looked_at_before_it_counts_for_the_survivor() -> None:
    """The survivor has another name: a company of the old name is another one."""
    world = World()
    world.now(from_shop(), connection="butik")
    winner = merge(world, only(world, "account"))
    world.now(from_shop(notes="ny"), connection="butik")
    world.now(from_form(phone="08-1"), connection="formulär", subject="svar:1")
    assert sorted(found["name"] for found in world.upsales.live("account").values()) == ["Åkeri", "Åkeriet"]
    assert "phone" not in world.upsales.live("account")[winner]


@pytest.mark.parametrize("moment", ["update", "failed", "search", "gone"])
def test_a_record_that_another_worker_found_again_meanwhile_is_not_taken_for_gone(moment: str) -> None:
    world = World()
    winner = merge(world, shared(world))
    form = world.lane(from_form(phone="08-2"), connection="formulär", subject="svar:1")
    before = len(world.upsales.of("SEARCH"))

    def meanwhile() -> None:
        world.wire = None
        world.now(from_shop(notes="ny"), connection="butik")

    world.wire = Tripwire(1, "before", meanwhile, only={moment})
    assert not world.deliver(form).deleted
    searched = any(call.connection == "formulär" for call in world.upsales.of("SEARCH")[before:])
    assert searched == (moment in {"search", "gone"})
    assert world.upsales.live("account")[winner]["phone"] == "08-2"
    assert set(links(world).values()) == {(LinkState.LINKED, winner)}


def test_all_links_are_moved_to_the_survivor_of_a_merge_wherever_a_worker_dies() -> None:
    for at in range(1, 60):
        world = World()
        winner = merge(world, shared(world))
        lane = world.lane(from_shop(notes="ny"), connection="butik")
        world.wire = wire = Tripwire(at, "after")
        try:
            world.deliver(lane)
        except Crash:
            world.wire = None
            world.clock.advance(120)
            world.deliver(lane)
        assert set(links(world).values()) == {(LinkState.LINKED, winner)}, wire.calls
        if len(wire.calls) < at:
            return


def only_other(world: World, known: int) -> int:
    (other,) = set(world.upsales.live("account")) - {known}
    return other


def test_a_link_to_a_record_that_was_deleted_long_ago_is_repaired_after_the_refusal() -> None:
    world = World()
    world.recreate_deleted = True
    world.now(company("Åkeri"), person("VD"))
    world.clock.advance(10)
    world.upsales.deleted("contact", only(world, "contact"))
    world.upsales.deleted("account", only(world, "account"))
    world.now(company("Åkeri"), person("VD"), order("1"))
    (made,) = world.upsales.live("order").values()
    assert made["contact"]["id"] == only(world, "contact")
    (contact,) = world.upsales.live("contact").values()
    assert contact["client"]["id"] == only(world, "account")


def test_a_link_to_a_merged_record_is_repaired_after_the_refusal() -> None:
    world = World()
    world.now(company("Åkeri"), person("VD"))
    winner = world.upsales.made("contact", email=ASA.value)
    loser = next(found for found in world.upsales.live("contact") if found != winner)
    world.upsales.merged("contact", loser, winner)
    world.clock.advance(10)
    world.now(company("Åkeri"), person("VD"), order("1"))
    (made,) = world.upsales.live("order").values()
    assert made["contact"]["id"] == winner


def test_a_refusal_with_all_links_in_place_stands() -> None:
    world = World()
    world.now(company("Åkeri"), person("VD"))
    world.upsales.faults.append(Fault(Trouble.REFUSED))
    with pytest.raises(Refused):
        world.now(company("Åkeri"), person("VD"), order("1"))
    assert len([call for call in world.upsales.writes if call.resource == "order"]) == 1


def test_a_link_to_a_record_that_a_person_just_deleted_says_so() -> None:
    world = World()
    world.now(company("Åkeri"), person("VD"))
    world.upsales.deleted("contact", only(world, "contact"))
    with pytest.raises(Rejected, match="the contact 'kund:1' that it links to was deleted in Upsales"):
        world.now(company("Åkeri"), person("VD"), order("1"))
    assert len([call for call in world.upsales.writes if call.resource == "order"]) == 1
