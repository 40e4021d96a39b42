"""A link that may be left out: there when the connection has the record, and no reason to fail when it hasn't."""

from __future__ import annotations

import pytest

from tests.fakes import Fault, Trouble, World
from worker.errors import Busy, OutcomeUnknown, Refused, Rejected
from worker.plan import IfKnown, Key, Match, Resource, Upsert, Value

COMPANY = Key("account", "företag:1")
PERSON = Key("contact", "kund:Åsa")
NOTE = Key("activity", "återköp:1")


def company() -> Upsert:
    return Upsert(key=COMPANY, match=(Match("orgNo", "599999-0046"),), set={"name": "Åkeri & Söner"})


def person() -> Upsert:
    return Upsert(key=PERSON, match=(Match("email", "åsa@öberg.se"),), set={"client": COMPANY, "name": "Åsa"})


def note(**links: Value) -> Upsert:
    return Upsert(key=NOTE, set={"description": "Återköp", **(links or {"client": IfKnown(COMPANY)})})


def noted(world: World) -> dict[str, int]:
    """Whom the one note names."""
    (made,) = world.upsales.live("activity").values()
    assert made["description"] == "Återköp"
    return {name: made[name]["id"] for name in ("client", "contact") if name in made}


def only(world: World, resource: Resource) -> int:
    (found,) = world.upsales.live(resource)
    return found


def test_a_record_that_is_not_there_is_not_linked_to() -> None:
    world = World()
    result = world.now(note())
    assert noted(world) == {}
    assert result.effective


def test_a_record_that_an_earlier_event_made_is_linked_to() -> None:
    world = World()
    world.now(company())
    world.now(note())
    assert noted(world) == {"client": only(world, "account")}


def test_a_record_of_the_same_run_goes_first_and_is_linked_to() -> None:
    world = World()
    world.now(note(), company())
    assert noted(world) == {"client": only(world, "account")}


def test_a_record_of_the_same_run_that_must_not_be_made_is_not_linked_to() -> None:
    world = World()
    world.now(note(), Upsert(key=COMPANY, set={"name": "Å"}, create=False))
    assert noted(world) == {}


def test_a_record_that_is_being_made_is_waited_for() -> None:
    world = World()
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    making = world.lane(company(), subject="företag")
    with pytest.raises(OutcomeUnknown):
        world.attempt(making)
    waiting = world.lane(note())
    with pytest.raises(Busy, match=r"it links to account .* which is being made"):
        world.attempt(waiting)
    world.deliver(making)
    world.deliver(waiting)
    assert noted(world) == {"client": only(world, "account")}


def test_a_record_that_is_known_to_be_deleted_is_not_linked_to() -> None:
    world = World()
    world.now(company())
    world.upsales.deleted("account", only(world, "account"))
    world.clock.advance(10)
    world.now(Upsert(key=COMPANY, set={"name": "Åkeri & Döttrar"}))
    world.now(note())
    assert noted(world) == {}


@pytest.mark.parametrize("again", [False, True], ids=["of an earlier event", "of the same run"])
def test_a_record_that_a_person_deleted_meanwhile_is_left_out_after_the_refusal(*, again: bool) -> None:
    world = World()
    world.now(company())
    world.now(person())
    world.upsales.deleted("contact", only(world, "contact"))
    world.clock.advance(10)
    both = note(client=IfKnown(COMPANY), contact=IfKnown(PERSON))
    world.now(both, *((person(),) if again else ()))
    assert noted(world) == {"client": only(world, "account")}


def test_a_refusal_with_all_links_in_place_stands() -> None:
    world = World()
    world.now(company())
    world.upsales.faults.append(Fault(Trouble.REFUSED))
    with pytest.raises(Refused):
        world.now(note())
    assert not world.upsales.live("activity")


def test_a_link_that_is_needed_besides_is_not_left_out() -> None:
    world = World()
    world.now(company())
    world.upsales.deleted("account", only(world, "account"))
    with pytest.raises(Rejected, match="that it links to was deleted in Upsales"):
        world.now(note(client=COMPANY, also=IfKnown(COMPANY)))
    assert not world.upsales.live("activity")


def test_what_a_record_links_to_stays_when_a_newer_event_names_one_that_is_not_there() -> None:
    world = World()
    world.now(company())
    world.now(note(client=COMPANY))
    world.now(note(client=IfKnown(Key("account", "företag:okänt"))))
    assert noted(world) == {"client": only(world, "account")}


def test_a_field_that_is_left_out_is_not_read_to_see_whether_it_is_empty() -> None:
    world = World()
    world.now(company())
    reads = len(world.upsales.reads)
    world.now(Upsert(key=COMPANY, if_empty={"contact": IfKnown(PERSON)}, create=False))
    assert len(world.upsales.reads) == reads
