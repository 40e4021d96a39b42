"""Events that must wait do so for the right time, at no more cost than needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.delivery.room import BREAKER_PAUSE, FIRST, KEYS, Room, after_failures, sweep
from worker.errors import Unavailable
from worker.plan import Key, Match
from worker.settings import Connection
from worker.store.lanes import connections
from worker.store.lanes.connections import State
from worker.store.lanes.lanes import Claim, claim
from worker.store.ledger.ledger import SqlLedger
from worker.sync.context import Access

SLACK = 1.5
"""Seconds that a slow machine may take between two statements."""


def state(room: Room, name: str = "butik") -> State:
    with room.store.read() as conn:
        return connections.get(conn, name)


def test_an_outage_is_waited_for_ever_longer_and_costs_attempts(room: Room) -> None:
    event, waits = room.company("1"), []
    room.sandbox.fault(kind="outage", seconds=3600)

    for _ in range(4):
        room.run(event)
        waits.append(room.due_in(event))
        room.come()

    assert [round(wait / FIRST) for wait in waits] == [1, 2, 4, 8]
    found = room.event(event)
    assert (found.status, found.attempts) == ("pending", 4)
    assert "503" in (found.reason or "")
    assert [round(seconds / FIRST) for _, seconds in room.rung.wakeups] == [1, 2, 4, 8]
    room.sandbox.mend()
    assert room.run(event).status == "delivered"


def test_what_comes_in_meanwhile_waits_too_and_keeps_its_own_count(room: Room) -> None:
    first = room.company("1")
    room.sandbox.fault(kind="outage", seconds=3600)
    room.run(first)
    second = room.company("1", minute=1)
    room.run(second)
    assert room.due_in(second) > 0
    assert [room.event(each).attempts for each in (first, second)] == [1, 0]
    room.come()
    room.run(first)
    assert [room.event(each).attempts for each in (first, second)] == [2, 1]


def test_what_ended_before_an_outage_has_ended_and_the_rest_waits(room: Room) -> None:
    good, after = room.company("1", notes="före"), room.company("1", minute=2, notes="efter")
    data = {"id": "K-1", "custom": {"FINNS-INTE": "x"}}
    told = {"id": "e", "type": "account.upsert", "time": "2026-11-02T12:01:00Z", "data": data}
    bad = room.take("butik", told).id
    room.sandbox.fault(kind="outage", seconds=3600, method="PUT")

    room.run(good)

    assert [room.event(each).status for each in (good, bad, after)] == ["delivered", "dead", "pending"]
    assert room.event(after).attempts == 1
    room.sandbox.mend()
    room.come()
    assert room.run(after).status == "delivered"


def test_a_lane_that_is_not_due_is_left_alone(room: Room) -> None:
    event = room.company("1")
    room.sandbox.fault(kind="outage", seconds=3600)
    room.run(event)
    room.sandbox.mend()
    before = len(room.sandbox.calls())

    assert room.run(event).status == "pending"
    assert len(room.sandbox.calls()) == before


def test_a_lane_that_another_worker_owns_is_left_to_it(room: Room) -> None:
    event = room.company("1")
    assert claim(room.store, "butik", room.event(event).subject, "another", 60) is not None

    assert room.run(event).status == "pending"
    assert room.sandbox.calls() == []


def test_what_another_connection_makes_is_waited_for_a_moment_only(room: Room) -> None:
    """A call may take its whole deadline; the other worker is mostly done within moments."""
    other = room.company("1", connection="kassa", orgNo="599999-0046")
    theirs = claim(room.store, "kassa", room.event(other).subject, "another", 60)
    assert theirs is not None
    room.run(room.company("9"))  # binds the account
    ledger = SqlLedger(room.store, theirs.fence, account=1, fingerprint="f00d", event=other, settled_after=0.0)
    ledger.intend_create(Key("account", "K-1"), [Match("orgNo", "5999990046")], {}, 20.0)
    event = room.company("1", orgNo="599999-0046")

    room.run(event)

    found = room.event(event)
    assert (found.status, found.attempts, found.claims) == ("pending", 0, 0)
    assert room.due_in(event) <= 1.0
    assert max(seconds for _, seconds in room.rung.wakeups) <= 1.0


def test_full_call_windows_cost_no_attempt_and_hold_wake_ups_back(room: Room) -> None:
    event = room.company("1")
    room.sandbox.fault(kind="throttle", count=1, skip=1)

    room.run(event)

    found = room.event(event)
    assert (found.status, found.attempts, found.claims) == ("pending", 0, 0)
    assert room.runtime.wakeups.room("butik") < room.settings.delivery.queue_bound
    assert room.runtime.wakeups.room("kassa") == room.settings.delivery.queue_bound


def test_a_create_without_an_answer_is_looked_for_and_never_made_twice(room: Room) -> None:
    event = room.company("1", notes="ett")
    room.sandbox.fault(kind="drop_after_commit", method="POST", count=1)
    room.run(event)
    assert (room.event(event).status, room.event(event).attempts) == ("pending", 1)

    room.come()

    assert room.run(event).status == "delivered"
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["ett"]
    (post,) = (call for call in room.calls(event) if call.method == "POST")
    assert (post.state, post.record_id) == ("done", room.sandbox.records("accounts")[0]["id"])


def test_a_paused_connection_is_left_alone_until_it_is_resumed(room: Room) -> None:
    event, other = room.company("1"), room.company("2", connection="kassa")
    connections.pause(room.store, "butik", "städning", probe_in=None)

    assert room.run(event).status == "pending"
    assert room.event(event).claims == 0
    assert room.run(other).status == "delivered"
    assert {call["key"] for call in room.sandbox.calls()} == {"kassa"}

    connections.resume(room.store, "butik")
    assert room.run(event).status == "delivered"


def test_a_deleted_key_pauses_its_connection_and_a_new_one_resumes_it(room: Room) -> None:
    room.run(room.company("0"))
    room.sandbox.client.delete("/sandbox/keys/butik")
    event = room.company("1")

    room.run(event)

    assert (state(room).state, room.event(event).attempts) == ("paused", 0)
    assert state(room).reason == "Upsales does not accept the API key (GET /self)"
    room.come()
    sweep(room.runtime)
    assert state(room).paused

    room.sandbox.control("POST", "/keys", {"name": "butik-2", "account": 1, "key": KEYS["butik"]})
    room.come()
    sweep(room.runtime)

    assert state(room).runs
    assert room.run(event).status == "delivered"


def test_a_401_that_self_does_not_confirm_pauses_nothing(room: Room) -> None:
    """Upsales answers some calls 401 though the key is good; then the event alone is put off."""
    room.run(room.company("0"))
    event = room.company("1")
    delivery = after_failures(room.delivery, judge=lambda _, failure: Unavailable(str(failure)))
    room.sandbox.client.delete("/sandbox/keys/butik")

    delivery.run("butik", room.event(event).subject)

    assert state(room).runs
    assert room.event(event).attempts == 1


def test_the_breaker_opens_after_several_lanes_and_asks_who_it_is_before_anything_else(room: Room) -> None:
    room.run(room.company("0"))
    room.sandbox.fault(kind="outage", seconds=3600, key="butik")
    waiting = [room.company(number) for number in (1, 2, 3, 4)]

    for event in waiting[:3]:
        assert state(room).runs
        room.run(event)
    assert 0 < state(room).broken_for <= BREAKER_PAUSE
    before = len(room.sandbox.calls())
    room.run(waiting[3])
    assert (len(room.sandbox.calls()), room.event(waiting[3]).claims) == (before, 0)

    room.come()
    room.run(waiting[3])
    assert [call["path"] for call in room.sandbox.calls()[before:]] == ["/api/v2/self"]
    assert BREAKER_PAUSE < state(room).broken_for <= 2 * BREAKER_PAUSE

    room.sandbox.mend()
    room.come()
    assert room.run(waiting[0]).status == "delivered"
    assert (state(room).breaks, state(room).broken_for) == (0, 0.0)
    assert room.sandbox.calls()[before + 1]["path"] == "/api/v2/self"


def test_an_event_that_asks_nothing_of_upsales_does_not_close_the_breaker(room: Room) -> None:
    room.sandbox.fault(kind="outage", seconds=3600, key="egen")
    for name in ("a", "b", "c"):
        assert state(room, "egen").runs
        room.run(room.told(name, {"resource": "account", "data": {"name": "Åkeri"}}))
        if state(room, "egen").runs:
            assert room.run(room.told(f"{name} strunt", {"ignore": "strunt"})).status == "ignored"
    assert not state(room, "egen").runs


def test_one_connections_outage_is_nobody_elses(room: Room) -> None:
    room.sandbox.fault(kind="outage", seconds=3600, key="butik")
    for number in (1, 2, 3):
        room.run(room.company(number))
    assert not state(room).runs
    assert room.run(room.company("4", connection="kassa")).status == "delivered"


def test_events_of_a_connection_that_is_no_longer_set_up_wait(room: Room) -> None:
    event = room.company("1")
    left = {name: each for name, each in room.settings.connections.items() if name != "butik"}
    elsewhere = replace(room.delivery, settings=replace(room.settings, connections=left))

    elsewhere.run("butik", room.event(event).subject)

    assert (room.event(event).status, room.event(event).claims) == ("pending", 0)


@pytest.mark.parametrize("moment", ["before it begins", "before the POST"])
def test_whoever_was_overtaken_writes_nothing_and_ends_nothing(room: Room, moment: str) -> None:
    event = room.company("1")
    subject = room.event(event).subject

    def overtake(connection: Connection, claimed: Claim, behind: bool) -> Access:  # noqa: FBT001 - the port's signature
        access = room.runtime.access.for_claim(connection, claimed, behind)
        if moment == "before it begins":
            room.come()
            assert claim(room.store, "butik", subject, "another", 60) is not None
            return access
        return replace(access, ledger=_Overtaken(room, access.ledger))  # type: ignore[arg-type] # stands in for one

    slow = replace(room.delivery, open_access=overtake)
    slow.run("butik", subject)

    assert room.event(event).status == "pending"
    assert [call for call in room.sandbox.calls() if call["write"]] == []
    room.come()
    assert room.run(event).status == "delivered"
    assert len(room.sandbox.records("accounts")) == 1


class _Overtaken:
    """A ledger whose lane is taken over when the create is about to be intended."""

    def __init__(self, room: Room, ledger: object) -> None:
        self._room = room
        self._ledger = ledger

    def __getattr__(self, name: str) -> object:
        if name == "intend_create":
            self._room.come()
            subject = "account:K-1"
            assert claim(self._room.store, "butik", subject, "another", 60) is not None
        return getattr(self._ledger, name)
