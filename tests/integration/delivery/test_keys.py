"""One key, one connection, one account; and what a connection may do with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.delivery.room import KEYS, Room, sweep
from worker.errors import Busy, Throttled, Unauthorized, Unavailable
from worker.plan import Resource
from worker.runtime import Runtime
from worker.settings import Settings
from worker.store.lanes import accounts, connections
from worker.store.lanes.connections import State
from worker.store.lanes.lanes import claim

Open = Callable[..., Runtime]


@pytest.fixture
def another(room: Room) -> Iterator[Open]:
    """Opens the same installation once more, as a new deployment or another machine does."""
    with ExitStack() as stack:

        def opened(environ: Mapping[str, str], settings: Settings | None = None) -> Runtime:
            runtime = Runtime(settings or room.settings, {**room.environ, **environ})
            stack.callback(runtime.close)
            return runtime

        yield opened


def narrowed(room: Room, writes: Mapping[Resource, frozenset[str]]) -> Settings:
    butik = replace(room.settings.connections["butik"], writes=writes)
    return replace(room.settings, connections={**room.settings.connections, "butik": butik})


def state(room: Room, connection: str = "butik") -> State:
    with room.store.read() as conn:
        return connections.get(conn, connection)


def deliver(runtime: Runtime, room: Room, event: str) -> tuple[str, str | None]:
    runtime.delivery.run(room.event(event).connection, room.event(event).subject)
    return room.fate(event)


@pytest.mark.parametrize(
    ("writes", "reason"),
    [
        ({"account": frozenset({"update"})}, "this connection may not create account records"),
        ({}, "this connection may not create account records"),
    ],
    ids=["only updates", "nothing"],
)
def test_what_a_connection_may_not_do_is_a_dead_letter_that_names_it(
    room: Room, another: Open, writes: Mapping[Resource, frozenset[str]], reason: str
) -> None:
    status, why = deliver(another({}, narrowed(room, writes)), room, room.company(1))
    assert (status, (why or "").partition(":")[0]) == ("dead", reason)
    assert [call for call in room.sandbox.calls() if call["write"]] == []


def test_a_key_of_another_account_writes_nothing_until_it_is_bound_anew(room: Room, another: Open) -> None:
    room.run(room.company(1))
    room.sandbox.control("POST", "/keys", {"name": "prov", "account": 2, "key": "nyckel-prov"})
    trial = another({"RELAY_BUTIK_API_KEY": "nyckel-prov"})
    event = room.company(2)

    assert deliver(trial, room, event)[0] == "pending"
    assert state(room).paused
    assert (state(room).reason or "").startswith("the key belongs to account 2 (Sandbox 2), butik is bound to 1 (")
    room.come()
    sweep(trial)
    assert state(room).paused
    assert {call["method"] for call in room.sandbox.calls(key="prov")} == {"GET"}

    accounts.rebind(room.store, "butik")
    assert deliver(trial, room, event)[0] == "delivered"
    assert state(room).account == 2
    assert [call["account"] for call in room.sandbox.calls() if call["write"]] == [1, 2]


def test_a_connection_that_is_bound_to_its_old_account_again_makes_nothing_twice(room: Room) -> None:
    company = {"resource": "account", "data": {"name": "Åkeri"}}
    room.run(room.told("k1", company))
    accounts.rebind(room.store, "egen")
    assert room.run(room.told("k1", company, minute=1)).status == "superseded"
    assert len(room.sandbox.records("accounts")) == 1


def test_a_key_that_another_connection_has_is_not_used(room: Room, another: Open) -> None:
    shared = another({"RELAY_BUTIK_API_KEY": KEYS["kassa"]})
    event = room.company(1)
    assert deliver(shared, room, event)[0] == "pending"
    assert (state(room).state, state(room).refused_key) == ("paused", "")
    assert state(room).reason == "connections kassa and butik have the same API key; make one in Upsales for each"
    assert room.sandbox.calls() == []


def test_a_connection_without_a_key_waits_for_one(room: Room, another: Open, tmp_path: Path) -> None:
    file = tmp_path / "nyckel"
    file.write_text("", "utf-8")
    room.environ.pop("RELAY_BUTIK_API_KEY")
    runtime = another({"RELAY_BUTIK_API_KEY_FILE": str(file)})
    event = room.company(1)
    deliver(runtime, room, event)
    assert "connection butik has no API key" in (state(room).reason or "")
    sweep(runtime)
    assert state(room).paused

    file.write_text(KEYS["butik"], "utf-8")
    sweep(runtime)
    assert deliver(runtime, room, event)[0] == "delivered"
    assert room.event(event).attempts == 0


def test_a_process_that_has_not_heard_of_the_new_key_looks_again_before_it_asks(
    room: Room, another: Open, tmp_path: Path
) -> None:
    file = tmp_path / "nyckel"
    file.write_text(KEYS["butik"], "utf-8")
    room.environ.pop("RELAY_BUTIK_API_KEY")
    slow, quick = (another({"RELAY_BUTIK_API_KEY_FILE": str(file)}) for _ in range(2))
    assert deliver(slow, room, room.company(1))[0] == "delivered"

    room.sandbox.control("DELETE", "/keys/butik")
    room.sandbox.control("POST", "/keys", {"name": "butik-2", "account": 1, "key": "nyckel-ny"})
    file.write_text("nyckel-ny", "utf-8")
    assert deliver(quick, room, room.company(2))[0] == "delivered"
    assert deliver(slow, room, room.company(3))[0] == "delivered"
    assert {call["status"] for call in room.sandbox.calls()} == {200}


def test_a_401_of_a_key_that_has_been_replaced_meanwhile_costs_no_attempt(room: Room) -> None:
    room.run(room.company(1))
    butik = room.settings.connections["butik"]
    failure = Unauthorized("Upsales does not accept the API key")
    failure.key = "0123456789ab"
    assert isinstance(room.runtime.binding.judge(butik, failure), Busy)
    assert state(room).runs


def test_a_401_waits_while_there_is_no_room_to_ask_whether_the_key_is_rejected_too(room: Room) -> None:
    room.run(room.company(1))
    butik = room.settings.connections["butik"]
    room.sandbox.fault(kind="throttle", resource="self")
    failure = Unauthorized("Upsales does not accept the API key")
    failure.key = room.runtime.binding.fingerprint(butik)

    answered, windows_full = (room.runtime.binding.judge(butik, failure) for _ in range(2))

    assert isinstance(answered, Throttled)
    assert isinstance(windows_full, Throttled)
    assert state(room).runs


def test_a_401_that_nothing_explains_is_tried_again(room: Room) -> None:
    room.run(room.company(1))
    butik = room.settings.connections["butik"]
    failure = Unauthorized("Upsales does not accept the API key")
    assert str(room.runtime.binding.judge(butik, failure)) == f"{failure}, though GET /self does"
    room.sandbox.fault(kind="html_502", resource="self")
    unknown = room.runtime.binding.judge(butik, failure)
    assert isinstance(unknown, Unavailable)
    assert str(unknown).startswith(f"{failure}, and GET /self does not tell why: ")


def test_of_many_calls_that_are_rejected_one_asks_why(room: Room) -> None:
    room.run(room.company(0))
    room.sandbox.control("DELETE", "/keys/butik")
    before = len(room.sandbox.calls())
    for number in range(1, 4):
        room.run(room.company(number))
    asked = [call["path"].rpartition("/")[2] for call in room.sandbox.calls()[before:]]
    assert asked.count("self") == 1
    assert len(asked) == 2


def test_an_urgent_event_makes_its_lanes_calls_urgent(room: Room) -> None:
    event = room.event(room.company(1))
    claimed = claim(room.store, "butik", event.subject, "någon", 20)
    assert claimed is not None
    urgent = replace(claimed, events=(replace(claimed.events[0], priority=True),))
    butik = room.settings.connections["butik"]
    views = [room.runtime.access.for_claim(butik, each, False).crm for each in (claimed, urgent)]
    assert [view.priority for view in views] == [False, True]  # type: ignore[attr-defined]
