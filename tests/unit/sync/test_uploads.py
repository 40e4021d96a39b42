"""A file is uploaded, and attached with a change of its own: once, whatever is answered."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from tests.fakes import Fault, Lane, Trouble, World
from worker.errors import OutcomeUnknown
from worker.plan import Content, Key, Plan, Upsert

CLIENT = Key("account", "kund:1")
FILE = Key("file", "avtal:1:signed")
CONTENT = Content("01", "ab" * 32, "application/pdf", 9)


def plan(name: str = "Avtal Ö.pdf") -> Plan:
    company = Upsert(key=CLIENT, set={"name": "Åkeri Ö AB"})
    file = Upsert(key=FILE, set={"entity": "Client", "client": CLIENT}, on_create={"name": name, "content": CONTENT})
    return (company, file)


@pytest.fixture
def world() -> World:
    return World(marked={"account"})


def lane(world: World, name: str = "Avtal Ö.pdf") -> Lane:
    return Lane(waiting=[world.event(*plan(name))])


def attached(world: World) -> list[dict[str, Any]]:
    return [data for data in world.upsales.live("file").values() if data.get("entity")]


def test_an_upload_says_nothing_of_what_it_belongs_to_and_a_change_attaches_it(world: World) -> None:
    world.deliver(lane(world))
    upload, change = [call for call in world.upsales.writes if call.resource == "file"]
    assert (upload.method, set(upload.body)) == ("POST", {"name", "content"})
    assert (change.method, change.body.keys()) == ("PUT", {"entity", "client"})
    assert not [call for call in world.upsales.reads if call.resource == "file"]


def test_told_again_it_is_left_alone(world: World) -> None:
    world.deliver(lane(world))
    world.upsales.calls.clear()
    world.deliver(lane(world, "Annat namn.pdf"))
    assert not [call for call in world.upsales.calls if call.resource == "file"]


@pytest.mark.parametrize("trouble", [Trouble.DROPPED, Trouble.UNANSWERED])
def test_an_upload_without_an_answer_is_made_again_as_soon_as_its_call_is_over(world: World, trouble: Trouble) -> None:
    world.upsales.faults.extend([None, Fault(trouble)])
    waiting = lane(world)
    with suppress(OutcomeUnknown):
        world.attempt(waiting)
    begun = world.clock.now
    world.attempt(waiting)
    assert world.clock.now == begun
    assert len(attached(world)) == 1
    assert not [call for call in world.upsales.reads if call.resource == "file"]


def test_an_upload_that_commits_late_is_attached_to_nothing(world: World) -> None:
    world.upsales.faults.extend([None, Fault(Trouble.LATE, seconds=50.0)])
    waiting = lane(world)
    with suppress(OutcomeUnknown):
        world.attempt(waiting)
    world.attempt(waiting)
    world.clock.advance(60)
    assert len(world.upsales.live("file")) == 2
    assert len(attached(world)) == 1


def test_a_file_that_a_person_deleted_is_not_uploaded_again(world: World) -> None:
    world.deliver(lane(world))
    (number,) = world.upsales.live("file")
    world.upsales.deleted("file", number)
    world.deliver(lane(world))
    assert not world.upsales.live("file")
