"""Events don't die over creates that got no answer, and an event that dies keeps no other waiting."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room, sweep
from worker.plan import QualifiedKey
from worker.runtime import Runtime
from worker.settings import Delivery
from worker.settings.timing import timing_of
from worker.store.db.clock import after
from worker.store.db.tables import calls, events
from worker.store.events import replay
from worker.store.lanes import connections

ORG_NO = "5999990046"
DAY = 86_400


def unanswered(room: Room, event: str, *, made: bool) -> str:
    """Its create is sent and not answered."""
    kind = "drop_after_commit" if made else "drop_before_commit"
    room.sandbox.fault(kind=kind, method="POST", resource="accounts", count=1)
    assert room.run(event).status == "pending"
    room.come()
    return event


def age(room: Room, seconds: float, looks: int) -> None:
    """The creates that got no answer were sent so long ago, and looked for so often."""
    with room.store.write() as conn:
        lost = calls.c.state == "unknown"
        conn.execute(update(calls).where(lost).values(started_at=after(-seconds), verify_at=after(-1), looks=looks))


def test_while_upsales_is_away_a_lost_create_costs_no_attempt_and_the_breaker_sees_it(room: Room) -> None:
    lost = [unanswered(room, room.company(number), made=True) for number in "123"]
    room.sandbox.fault(kind="html_502", method="GET", resource="accounts")
    attempts = [room.event(each).attempts for each in lost]
    for event in lost:
        assert room.run(event).status == "pending"
    with room.store.read() as conn:
        assert not connections.get(conn, "butik").runs
    assert [room.event(each).attempts for each in lost] == attempts
    assert "502" in (room.event(lost[0]).reason or "")
    room.sandbox.mend()
    room.come()
    assert {room.run(event).status for event in lost} == {"delivered"}
    assert len(room.sandbox.records("accounts")) == 3


def test_after_three_days_of_looking_a_person_is_asked(room: Room) -> None:
    event = unanswered(room, room.company("1"), made=True)
    age(room, 3 * DAY + 60, 1000)
    room.sandbox.fault(kind="outage", seconds=3600)

    room.run(event)

    status, reason = room.fate(event)
    assert status == "review"
    assert (reason or "").startswith(
        "a create of account 'K-1' got no answer, and what became of it could not be found out for 3 days ("
    )
    assert (reason or "").endswith("look in Upsales, then `relay review adopt` or `relay review create`")


def test_how_long_is_looked_is_the_setting_for_how_long_anything_is_tried(room: Room) -> None:
    assert timing_of(replace(room.settings, delivery=Delivery(give_up=7 * DAY))).give_up == 7 * DAY


def test_the_horizon_begins_where_a_call_can_leave_at_the_latest(room: Room) -> None:
    """A worker may stand still between writing a call down and sending it, until the call's time is over."""
    upsales = replace(room.settings.upsales, call_timeout=20.0, commit_horizon=300.0)
    assert timing_of(replace(room.settings, upsales=upsales)).settled_after == 320.0


def test_what_died_over_its_create_is_finished_and_whoever_waited_goes_on(room: Room) -> None:
    event = unanswered(room, room.company("1", orgNo=ORG_NO), made=True)
    with room.store.write() as conn:
        conn.execute(update(events).where(events.c.id == event).values(status="dead", reason="dess arbetare dog"))
    waiting = room.company("9", connection="kassa", orgNo=ORG_NO, notes="från kassan")
    assert room.run(waiting).status == "pending"

    age(room, 60, 0)
    room.runtime.rechecks.run("butik")
    room.come()

    assert room.run(waiting).status == "delivered"
    assert room.fate(event) == ("dead", "dess arbetare dog")
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["från kassan"]


def test_what_a_person_dropped_is_finished_too(room: Room) -> None:
    event = unanswered(room, room.company("1", orgNo=ORG_NO), made=False)
    replay.drop(room.store, event, "inte viktigt")
    waiting = room.company("9", connection="kassa", orgNo=ORG_NO)
    assert room.run(waiting).status == "pending"

    age(room, 60, 0)
    room.runtime.rechecks.run("butik")
    room.come()

    assert room.run(waiting).status == "delivered"
    assert [record["name"] for record in room.sandbox.records("accounts")] == ["Åkeri 9 AB"]


def test_a_decision_is_told_to_whoever_waited_for_it_in_any_connection(room: Room, desk: Desk) -> None:
    event = unanswered(room, room.company("1", orgNo=ORG_NO), made=False)
    room.ask(event, "något är oklart", QualifiedKey("butik", "account", "K-1"))
    waiting = room.company("1", connection="kassa", orgNo=ORG_NO)
    other = room.company("1", connection="kassa", minute=1, orgNo="1122334455")
    room.ask(other, "något annat är oklart där", QualifiedKey("kassa", "account", "K-1"))
    assert room.run(waiting).status == "review"
    assert (room.event(waiting).reason or "").startswith("account 'K-1' of butik has the same orgNo")

    done = desk("review", "create", event)

    assert done.stdout == "account K-1 is made again; 2 will be tried again.\n"
    assert [room.event(each).status for each in (waiting, other)] == ["pending", "review"]
    assert {room.run(each).status for each in (event, waiting)} == {"delivered"}
    assert len(room.sandbox.records("accounts")) == 1


def settle_by_sweeps(room: Room, waiting: str, runtime: Runtime | None = None) -> None:
    """The horizon is over; sweeps come by, and the waiting event's lane is run."""
    runtime = runtime or room.runtime
    for _ in range(3):
        age(room, 40_000, 0)
        sweep(runtime)
        room.come()
        runtime.delivery.run(room.event(waiting).connection, room.event(waiting).subject)


def test_a_lane_never_waits_for_itself(room: Room) -> None:
    """What waits in the lane is not about the thing whose create got no answer, and waits for its natural key."""

    def told(number: str) -> str:
        data = {"id": number, "orgNo": ORG_NO, "name": "Öberg AB"}
        return room.take("butik", {"id": number, "type": "account.upsert", "subject": "order 17", "data": data}).id

    room.run(room.company("annan", minute=1))
    dropped = unanswered(room, told("K-1"), made=False)
    replay.drop(room.store, dropped, "inte viktigt")
    waiting = told("K-2")
    assert room.run(waiting).status == "pending"
    assert room.event(waiting).reason == (
        "account 'K-1' of butik is being made with the same orgNo: what becomes of that is waited for"
    )

    settle_by_sweeps(room, waiting)

    assert room.event(waiting).status == "delivered"


def test_while_a_connection_is_paused_others_dont_wait_for_what_it_began(room: Room, desk: Desk) -> None:
    first = unanswered(room, room.company("1", orgNo=ORG_NO), made=True)
    room.run(room.company("annan", connection="kassa"))
    desk("connections", "pause", "butik", "--reason", "semester")
    waiting = room.company("9", connection="kassa", orgNo=ORG_NO)
    assert room.run(waiting).status == "pending"

    settle_by_sweeps(room, waiting)

    assert room.event(waiting).status == "delivered"
    assert room.event(first).status == "pending"
    assert len(room.sandbox.records("accounts")) == 2
    desk("connections", "resume", "butik")
    assert room.run(first).status == "superseded"


def removed(room: Room, name: str) -> Runtime:
    """A worker that was started after the connection was taken out of the settings."""
    left = {each: found for each, found in room.settings.connections.items() if each != name}
    return Runtime(replace(room.settings, connections=left), room.environ)


def test_what_a_removed_connection_began_is_looked_for_with_another_key_of_the_account(room: Room) -> None:
    unanswered(room, room.company("1", orgNo=ORG_NO), made=True)
    room.run(room.company("annan", connection="kassa"))
    waiting = room.company("9", connection="kassa", orgNo=ORG_NO)
    runtime = removed(room, "butik")

    settle_by_sweeps(room, waiting, runtime)
    runtime.close()

    assert room.event(waiting).status == "delivered"
    assert len(room.sandbox.records("accounts")) == 2


def test_where_no_key_can_look_a_person_is_asked_and_settles_it(room: Room, desk: Desk) -> None:
    first = unanswered(room, room.company("1", orgNo=ORG_NO), made=False)
    waiting = room.company("9", connection="kassa", orgNo=ORG_NO)
    assert room.run(waiting).status == "pending"
    alone = replace(room.settings, connections={"egen": room.settings.connections["egen"]})
    runtime = Runtime(alone, room.environ)
    age(room, 4 * DAY, 0)
    sweep(runtime)
    runtime.close()
    room.come()
    assert room.run(waiting).status == "review"
    assert "no key could look for it" in (room.event(first).reason or "")

    done = desk("connections", "settle", "butik", "--yes")

    assert done.stdout == (
        "account 'K-1' of butik: its create got no answer; the key is free, and 2 events are tried again.\n"
    )
    assert {room.run(event).status for event in (first, waiting)} == {"delivered"}
    assert len(room.sandbox.records("accounts")) == 1
    assert desk("connections", "settle", "butik").stdout == "butik has begun no create that got no answer.\n"
