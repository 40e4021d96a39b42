"""Fields that are filled only while Upsales holds nothing there: whatever a person wrote stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import Fault, Lane, Trouble, World
from worker.errors import OutcomeUnknown, Throttled
from worker.plan import Key, Match, Upsert, Value

COMPANY = Key("account", "företag:1")
ORG_NO = Match("orgNo", "599999-0046")


def company(**fields: Value) -> Upsert:
    return Upsert(key=COMPANY, set=fields)


def filled(**fields: Value) -> Upsert:
    return Upsert(key=COMPANY, match=(ORG_NO,), if_empty={name.replace("__", "."): v for name, v in fields.items()})


def the(world: World) -> dict[str, Any]:
    (found,) = world.upsales.live("account").values()
    return found


def edited(world: World, **fields: Any) -> None:
    (record_id,) = world.upsales.live("account")
    world.upsales.edited("account", record_id, **fields)


def put_off(world: World, **fields: Any) -> Lane:
    """A lane that would fill in the phone number of a company that people made; its write has to wait."""
    world.upsales.made("account", name="Åkeri", orgNo=ORG_NO.value, **fields)
    world.clock.advance(60)
    lane = world.lane(filled(phone="08-1"))
    world.upsales.faults.append(Fault(Trouble.THROTTLED))
    with pytest.raises(Throttled):
        world.attempt(lane)
    return lane


def test_fields_that_are_filled_only_while_empty_are_read_once() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    edited(world, phone="08-9")
    world.now(filled(phone="08-1", webpage="öberg.se"))
    assert (the(world)["phone"], the(world)["webpage"]) == ("08-9", "öberg.se")
    reads = len(world.upsales.reads)
    world.now(filled(phone="08-1", webpage="öberg.se"))
    assert len(world.upsales.reads) == reads


@pytest.mark.parametrize("nothing", ["", None])
def test_an_empty_value_does_not_fill_anything(nothing: str | None) -> None:
    world = World()
    world.now(company(name="Åkeri"))
    world.now(filled(phone=nothing, custom__FINNS_INTE=nothing))
    assert len(world.upsales.calls) == 1


def test_what_a_person_filled_in_while_the_write_was_put_off_stands() -> None:
    world = World()
    lane = put_off(world)
    edited(world, phone="08-9")
    world.deliver(lane)
    assert the(world)["phone"] == "08-9"
    reads = len(world.upsales.reads)
    world.now(filled(phone="08-1"))
    assert len(world.upsales.reads) == reads


def test_what_nobody_filled_in_while_the_write_was_put_off_is_filled() -> None:
    world = World()
    world.deliver(put_off(world, phone=""))
    assert the(world)["phone"] == "08-1"


def test_what_a_person_filled_in_after_the_sender_emptied_it_stands() -> None:
    world = World()
    world.now(company(phone=None))
    edited(world, phone="08-9")
    world.now(filled(phone="08-1"))
    assert the(world)["phone"] == "08-9"
    assert not world.upsales.of("PUT")


def test_what_the_sender_emptied_is_not_emptied_again_when_a_person_filled_it_in() -> None:
    """Nor does it become as old as what was read."""
    world = World()
    world.deliver(Lane(waiting=[world.event(company(phone=None), minute=10)]))
    edited(world, phone="08-9")
    world.deliver(Lane(waiting=[world.event(filled(phone="08-1"), minute=11)]))
    world.deliver(Lane(waiting=[world.event(company(phone="08-0"), minute=5)]))
    world.deliver(Lane(waiting=[world.event(company(phone=None), minute=12)]))
    assert the(world)["phone"] == "08-9"


@pytest.mark.parametrize("folded", [True, False], ids=["folded", "one by one"])
@pytest.mark.parametrize("person", ["08-9", ""], ids=["filled in by a person", "left empty"])
def test_what_the_sender_empties_once_more_is_filled_only_if_nobody_did(person: str, *, folded: bool) -> None:
    world = World()
    world.now(company(phone=None))
    edited(world, phone=person)
    waiting = [world.event(company(phone=None)), world.event(filled(phone="08-1"))]
    for run in [waiting] if folded else [[event] for event in waiting]:
        world.deliver(Lane(waiting=run))
    assert the(world)["phone"] == (person or "08-1")


def test_what_is_written_first_and_emptied_then_is_filled_without_reading() -> None:
    world = World()
    world.now(company(phone="08-0"))
    world.deliver(Lane(waiting=[world.event(company(phone=None)), world.event(filled(phone="08-1"))]))
    assert the(world)["phone"] == "08-1"
    assert not world.upsales.reads


def test_what_an_unanswered_update_emptied_is_filled() -> None:
    world = World()
    world.now(company(phone="08-0"))
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    with pytest.raises(OutcomeUnknown):
        world.attempt(world.lane(company(phone=None)))
    world.now(filled(phone="08-1"))
    assert the(world)["phone"] == "08-1"


def test_what_an_unanswered_update_filled_counts_as_its_events() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    lane = world.lane(filled(phone="08-1"))
    (event,) = lane.waiting
    assert event.event in world.deliver(lane).effective
    assert [call.method for call in world.upsales.writes] == ["POST", "PUT"]


def test_other_updates_read_nothing() -> None:
    world = World()
    world.now(company(name="Åkeri", phone=None))
    world.now(company(name="Åkeri AB", phone=None))
    world.now(filled(name="Nej"))
    assert not world.upsales.reads
