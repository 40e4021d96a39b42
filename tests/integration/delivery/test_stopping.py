"""A worker that is told to end in the middle of a lane: it begins nothing, and others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.delivery.room import Room, after_failures
from tests.integration.delivery.test_deaths import Stumbling, leased, stumbling, subject_of
from worker.runtime import Runtime
from worker.settings import Connection
from worker.store.lanes.lanes import Claim, claim
from worker.sync.context import Access


class Told:
    """Whether the process was told to end."""

    def __init__(self) -> None:
        self.now = False

    def __call__(self) -> bool:
        return self.now


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def ending(room: Room, told: Told) -> Iterator[Runtime]:
    """The parts of a process that can be told to end."""
    made = Runtime(room.settings, room.environ, told)
    room.delivery = after_failures(made.delivery, ring_in=room.rung)
    yield made
    made.close()


def test_a_worker_that_was_told_to_end_claims_nothing(room: Room, told: Told, ending: Runtime) -> None:
    assert ending.stopping is told
    event, told.now = room.company("1"), True
    assert (room.run(event).status, room.event(event).claims) == ("pending", 0)


def test_it_begins_no_call_and_hands_the_lane_on_at_once_at_no_cost(room: Room, told: Told, ending: Runtime) -> None:
    event = room.company("1", orgNo="599999-0046")

    def tell(connection: Connection, claimed: Claim, behind: bool) -> Access:  # noqa: FBT001 - the port's signature
        access = ending.access.for_claim(connection, claimed, behind)
        told.now = True
        return access

    room.delivery = replace(room.delivery, open_access=tell)
    room.run(event)

    # What comes before the claim is opened: whose key it is, and whether the marker has its fields.
    begun = {call["path"].removeprefix("/api/v2/").partition("/")[0] for call in room.sandbox.calls()}
    assert begun == {"self", "customfields"}
    found = room.event(event)
    assert (found.status, found.attempts, found.claims) == ("pending", 0, 0)
    assert room.due_in(event) <= 0
    assert [(wakeup.event, seconds) for wakeup, seconds in room.rung.wakeups] == [(event, 0.0)]
    assert claim(room.store, "butik", subject_of(room, event), "another", 60) is not None


def test_a_write_that_was_not_begun_yet_is_not_begun(room: Room, told: Told, ending: Runtime) -> None:
    event = room.company("1", orgNo="599999-0046")
    assert ending.stopping is told

    def tell(real: Callable[..., Any], *args: Any) -> Any:
        found = real(*args)
        told.now = True
        return found

    def access(connection: Connection, claimed: Claim, behind: bool) -> Access:  # noqa: FBT001 - the port's signature
        opened = ending.access.for_claim(connection, claimed, behind)
        crm: Any = Stumbling(opened.crm, "search_any", tell)
        return replace(opened, crm=crm)

    room.delivery = replace(room.delivery, open_access=access)
    room.run(event)

    assert not [call for call in room.sandbox.calls() if call["write"]]
    assert room.calls(event)[-1].method == "GET"
    assert (room.event(event).attempts, leased(room)) == (0, False)


def test_what_is_only_being_read_for_is_given_back_when_the_process_ends(room: Room) -> None:
    event = room.company("1", orgNo="599999-0046")
    taken = []

    def end(_real: Callable[..., Any], *_: Any) -> Any:
        room.delivery.leave()
        taken.append(claim(room.store, "butik", subject_of(room, event), "another", 60))
        return ()

    stumbling(room, "crm", "search_any", end)
    room.run(event)

    assert taken[0] is not None
    assert taken[0].events[0].claims == 1
    assert [(wakeup.event, seconds) for wakeup, seconds in room.rung.wakeups] == [(event, 0.0)]
    assert not [call for call in room.sandbox.calls() if call["write"]]


def test_what_is_being_written_for_stays_leased_until_the_call_is_surely_over(room: Room) -> None:
    event = room.company("1")
    taken = []

    def end(real: Callable[..., Any], *args: Any) -> Any:
        room.delivery.leave()
        taken.append(claim(room.store, "butik", subject_of(room, event), "another", 60))
        return real(*args)

    stumbling(room, "crm", "create", end)
    room.run(event)

    assert taken == [None]
    assert room.rung.wakeups == []
    assert room.fate(event) == ("delivered", None)
