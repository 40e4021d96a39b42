"""A record that is made only where another one is there, and is at that one's company."""

from __future__ import annotations

from tests.fakes import World
from worker.plan import ClientOf, Key, Match, Upsert

JOB = Key("order", "jobb:7")
HIRE = Key("activity", "tillsatt:42")


def job(*, create: bool = False) -> Upsert:
    return Upsert(
        key=JOB,
        match=(Match("description", "Jobb 7"),),
        set={"description": "Jobb 7"},
        on_create={"notes": "Gjord"},
        create=create,
    )


def hire() -> Upsert:
    return Upsert(key=HIRE, on_create={"description": "Tillsatt", "client": ClientOf(JOB)}, only_with=JOB)


def order(world: World) -> int:
    company = world.upsales.made("account", name="Åkeri & Söner")
    order = world.upsales.made("order", description="Jobb 7", client={"id": company})
    world.clock.advance(60)
    return company if order else 0


def test_nothing_is_made_while_the_other_is_not_there() -> None:
    world = World()
    result = world.now(job(), hire())
    assert world.upsales.live("activity") == {}
    assert not result.effective
    assert JOB in result.absent | result.left_out


def test_nothing_is_made_where_no_change_of_the_run_is_about_the_other() -> None:
    world = World()
    result = world.now(hire())
    assert world.upsales.live("activity") == {}
    assert result.left_out == {JOB}


def test_it_is_made_at_the_company_of_the_other_that_is_found() -> None:
    world = World()
    company = order(world)
    world.now(hire(), job())
    (made,) = world.upsales.live("activity").values()
    assert made["client"]["id"] == company


def test_it_is_made_with_one_that_the_same_run_makes() -> None:
    world = World()
    company = world.upsales.made("account", name="Åkeri & Söner")
    ready = job(create=True)
    world.now(Upsert(key=ready.key, set={**ready.set, "client": {"id": company}}), hire())
    (made,) = world.upsales.live("activity").values()
    assert made["client"]["id"] == company


def test_it_is_made_with_one_that_an_earlier_event_found() -> None:
    world = World()
    company = order(world)
    world.now(job())
    world.now(hire(), subject="annan")
    (made,) = world.upsales.live("activity").values()
    assert made["client"]["id"] == company


def test_of_several_events_those_whose_other_is_not_there_do_nothing() -> None:
    world = World()
    order(world)
    missing = Key("order", "jobb:8")
    told = Upsert(key=HIRE, on_create={"description": "Tillsatt"}, set={"notes": "Kim"}, only_with=JOB)
    result = world.now(job(), told, Upsert(key=HIRE, set={"notes": "Robin"}, only_with=missing))
    (made,) = world.upsales.live("activity").values()
    assert made["notes"] == "Kim"
    assert missing in result.left_out
