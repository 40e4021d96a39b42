"""An event that repairs writes what the sender wants, and leaves what people changed unless it is told otherwise."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import Lane, World
from worker.plan import Key, Match, Product, Row, Upsert
from worker.sync.fold import Mend
from worker.sync.records import LinkState

COMPANY = Key("account", "företag:1")
ORDER = Key("order", "order:1")


def company(**fields: Any) -> Upsert:
    return Upsert(key=COMPANY, set=fields)


def mend(world: World, *upserts: Upsert, how: Mend = "careful", minute: int | None = None) -> None:
    event = world.event(*upserts, minute=minute)
    world.deliver(Lane(waiting=[replace(event, mend=how)]))


def the(world: World, resource: Any = "account") -> tuple[int, dict[str, Any]]:
    (found,) = world.upsales.live(resource).items()
    return found[0], dict(found[1])


def made(**fields: Any) -> World:
    world = World()
    world.now(company(**fields))
    return world


def test_what_a_person_changed_stands_and_what_is_behind_is_written() -> None:
    world = made(name="Åkeri", phone="08-1", notes="ett")
    world.upsales.edited("account", the(world)[0], phone="08-9")
    mend(world, company(name="Åkeri AB", phone="08-2", notes="ett"))
    found = the(world)[1]
    assert (found["name"], found["phone"], found["notes"]) == ("Åkeri AB", "08-9", "ett")
    # What comes of the sender after that is no repair.
    world.now(company(phone="08-3"))
    assert the(world)[1]["phone"] == "08-3"


def test_over_people_all_of_it_is_written_even_what_was_sent_before() -> None:
    world = made(name="Åkeri", phone="08-1")
    world.upsales.edited("account", the(world)[0], name="Annat", phone="08-9")
    mend(world, company(name="Åkeri", phone="08-2"), how="over_people")
    found = the(world)[1]
    assert (found["name"], found["phone"]) == ("Åkeri", "08-2")


def test_over_people_something_newer_that_another_event_told_is_what_is_written() -> None:
    world = World()
    world.deliver(Lane(waiting=[world.event(company(name="Nyast"), minute=20)]))
    world.upsales.edited("account", the(world)[0], name="Annat")
    mend(world, company(name="Äldre"), how="over_people", minute=10)
    assert the(world)[1]["name"] == "Nyast"


def test_rows_that_a_person_changed_are_put_back_and_those_of_others_stay() -> None:
    world = World()
    world.upsales.made("product", name="Kätting", articleNo="A-1")
    order = Upsert(key=ORDER, set={"orderRow": (Row("1", Product("A-1"), Decimal(1), Decimal(100)),)})
    world.now(order)
    number, found = the(world, "order")
    (row,) = found["orderRow"]
    theirs = {"id": 77, "product": {"id": 1}, "quantity": 3, "price": 7}
    world.upsales.edited("order", number, orderRow=[{**row, "price": 50}, theirs])
    mend(world, order)
    assert [each["price"] for each in the(world, "order")[1]["orderRow"]] == [50, 7]
    mend(world, order, how="over_people")
    assert sorted(each["price"] for each in the(world, "order")[1]["orderRow"]) == [7, 100]
    assert row["id"] in {each["id"] for each in the(world, "order")[1]["orderRow"]}


def test_one_that_has_nothing_to_repair_writes_nothing() -> None:
    world = made(name="Åkeri")
    writes = len(world.upsales.writes)
    mend(world, company(name="Åkeri"))
    mend(world, company(name="Åkeri"), how="over_people")
    assert len(world.upsales.writes) == writes


@pytest.mark.parametrize("how", ["careful", "over_people"])
def test_what_was_made_after_a_backup_is_found_by_its_marker(how: Mend) -> None:
    world = made(name="Åkeri", phone="08-1")
    number = the(world)[0]
    world.upsales.edited("account", number, phone="08-9")
    world.clock.advance(10)
    world.store.links.clear()
    world.store.records.clear()
    world.store.identities.clear()
    mend(world, company(name="Åkeri", phone="08-1"), how=how)
    assert the(world)[0] == number
    # Nothing tells any more what we had sent: it may be a person's.
    assert the(world)[1]["phone"] == ("08-9" if how == "careful" else "08-1")


def test_in_a_record_of_others_that_it_adopts_it_writes_as_any_event() -> None:
    world = World()
    number = world.upsales.made("account", name="Åkeri", phone="08-9")
    world.clock.advance(10)
    by_name = Upsert(key=COMPANY, match=(Match("name", "Åkeri"),), set={"phone": "08-1"})
    mend(world, by_name)
    assert the(world) == (number, the(world)[1])
    assert the(world)[1]["phone"] == "08-1"


def test_a_record_that_was_deleted_is_not_made_again() -> None:
    world = made(name="Åkeri")
    world.upsales.deleted("account", the(world)[0])
    mend(world, company(name="Åkeri"))
    assert not world.upsales.live("account")
    (link,) = [world.access(Lane()).ledger.link(COMPANY)]
    assert link is not None
    assert link.state is LinkState.GONE
