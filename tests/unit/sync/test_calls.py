"""A call is told once, in the best way there is, whatever the order of its events."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import World
from tests.fakes.upsales import Data
from worker.connectors import aircall
from worker.plan import Plan, Resource
from worker.sdk.connector import Event
from worker.sdk.event_time import instant

CASES = Path(aircall.__file__).parent / "cases"
MAIL, NUMBER = "maja.lindgren@fjallkonsult.example", "070-174 06 05"


def told(case: str, **settings: Any) -> tuple[str, Plan]:
    """The plan of a case, with the time that its webhook tells."""
    said = json.loads((CASES / case / "request.json").read_text())
    body, kind = said["body"], said["body"]["event"]
    handles = aircall.connector.handles[kind]
    at = instant(str(body["timestamp"]))
    assert at is not None
    subject = f"{body['resource']}:{body['data']['id']}"
    payload = handles.schema().load(body)
    event = Event(id="1", type=kind, subject=subject, time=at, payload=payload, connection="telefon")
    plan = handles.plan(event, aircall.connector.settings(**{"owner": "säljare@öberg.se", **settings}))
    assert isinstance(plan, tuple), plan
    return subject, plan


def tell(world: World, *cases: str, **settings: Any) -> None:
    for case in cases:
        said = json.loads((CASES / case / "request.json").read_text())
        subject, plan = told(case, **settings)
        lane = world.lane(subject=subject)
        lane.waiting = [world.event(*plan, minute=said["body"]["timestamp"] / 60)]
        world.deliver(lane)


def made(world: World, resource: Resource) -> list[Data]:
    return list(world.upsales.live(resource).values())


@pytest.fixture
def world() -> World:
    """Maja has a number at the company that she works for."""
    world = World()
    at = world.upsales.made("account", name="Fjällkonsult i Umeå AB")
    world.upsales.made("contact", name="Maja Lindgren", email=MAIL, cellPhone=NUMBER, client={"id": at})
    world.clock.advance(10)
    return world


def test_call_is_one_phone_call_whatever_the_order_of_its_events() -> None:
    seen = set()
    for order in permutations(("ended_number", "tagged", "commented", "comm_assets_generated")):
        world = World()
        at = world.upsales.made("account", name="Fjällkonsult")
        world.upsales.made("contact", name="Maja", cellPhone=NUMBER, client={"id": at})
        world.clock.advance(10)
        tell(world, *order)
        (call,), (comment,) = made(world, "phoneCall"), made(world, "comment")
        assert not made(world, "activity")
        seen.add((call["durationInS"], call["conversationUrl"], call["type"], comment["client"]["id"] == at))
    assert seen == {(192, "https://assets.aircall.io/calls/4711001/recording", "inbound", True)}


def test_newest_notes_and_tags_stand_beside_the_call(world: World) -> None:
    tell(world, "commented", "tagged", "untagged")
    (comment,) = made(world, "comment")
    assert "Tags" not in comment["description"]
    assert comment["description"].startswith("Call from")


def test_missed_call_is_a_call_and_one_to_do(world: World) -> None:
    tell(world, "ended_missed", "voicemail_left", "assigned")
    (call,), (todo,) = made(world, "phoneCall"), made(world, "activity")
    assert (call["type"], call["durationInS"]) == ("missed", 0)
    assert todo["description"] == "Missed call from Maja Lindgren, Fjällkonsult i Umeå AB"
    assert "closeDate" not in todo
    assert "Left a voicemail" in todo["notes"] or "no available agent" in todo["notes"]


def test_switchboard_of_one_company_is_an_entry_there() -> None:
    world = World()
    at = world.upsales.made("account", name="Fjällkonsult")
    for name in ("Maja", "Bo"):
        world.upsales.made("contact", name=name, phone=NUMBER, client={"id": at})
    world.clock.advance(10)
    tell(world, "ended_number", "commented")
    (entry,) = made(world, "activity")
    assert entry["client"]["id"] == at
    assert entry["closeDate"]
    assert "offert" in entry["notes"]
    assert not made(world, "phoneCall")
    assert not made(world, "comment")


@pytest.mark.parametrize(
    ("setting", "phone_calls", "activities", "contacts"), [("to_do", 0, 1, 0), ("contact", 1, 0, 1), ("skip", 0, 0, 0)]
)
def test_number_that_nobody_has_is_what_the_setting_says(
    setting: str, phone_calls: int, activities: int, contacts: int
) -> None:
    world = World()
    tell(world, "ended_number", "tagged", unknown_callers=setting)
    found = [len(made(world, kind)) for kind in ("phoneCall", "activity", "contact")]
    assert found == [phone_calls, activities, contacts]


@pytest.mark.parametrize("first", ["ended", "ended_number"])
def test_events_that_are_folded_come_to_one_record_also_if_the_caller_is_named_in_one_of_them_alone(first: str) -> None:
    world = World()
    at = world.upsales.made("account", name="Fjällkonsult")
    world.upsales.made("contact", name="Maja", email=MAIL, client={"id": at})
    world.clock.advance(10)
    others = [case for case in ("ended", "ended_number") if case != first]
    plans = [told(case)[1] for case in (first, *others)]
    lane = world.lane(subject="call:4711001")
    lane.waiting = [world.event(*plan) for plan in plans]
    world.deliver(lane)
    assert len(made(world, "phoneCall")) + len(made(world, "activity")) == 1


def test_new_contact_has_the_next_call_too() -> None:
    world = World()
    tell(world, "unknown_contact", unknown_callers="contact")
    subject, plan = told("unknown_contact", unknown_callers="contact")
    again = tuple(plan)
    assert subject == "call:4711001"
    world.now(*again)
    assert len(made(world, "contact")) == 1
    assert made(world, "contact")[0]["firstName"] == "+46701740605"


def test_phone_book_fills_and_makes_nobody() -> None:
    world = World()
    at = world.upsales.made("account", name="Fjällkonsult")
    world.upsales.made("contact", name="Maja", phone=NUMBER, client={"id": at})
    world.clock.advance(10)
    tell(world, "contact_created")
    (contact,) = made(world, "contact")
    assert contact["email"] == MAIL
    assert contact["client"]["id"] == at
