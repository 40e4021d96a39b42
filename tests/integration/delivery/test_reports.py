"""What a job answers of the events that it had in hand, and of those that have to wait behind them."""

from __future__ import annotations

from sqlalchemy import update

from tests.integration.delivery.room import Room
from worker.delivery.jobs import Jobs
from worker.queue.fate import Fate
from worker.store.db.clock import after
from worker.store.db.tables import events, lanes
from worker.store.lanes import connections


def told(found: object) -> dict[str, tuple[str, str]]:
    assert isinstance(found, list | tuple)
    fates: list[Fate] = list(found)
    return {each.event: (each.state, each.line) for each in fates}


def test_all_events_of_a_claim_are_told_of_and_the_record_that_was_made(room: Room, jobs: Jobs) -> None:
    first, second = room.company("1", minute=1), room.company("1", minute=2, phone="08-1")

    found = told(jobs.deliver(second))

    (made,) = room.sandbox.records("accounts")
    assert {event: state for event, (state, _) in found.items()} == {first: "SUCCESS", second: "SUCCESS"}
    assert any(f"account {made['id']}, " in line for _, line in found.values())


def test_what_had_ended_or_is_gone_is_told_once_more(room: Room, jobs: Jobs) -> None:
    event = room.company("1")
    jobs.deliver(event)
    ((state, line),) = told(jobs.deliver(event)).values()
    assert (state, line.rpartition(" · ")[2]) == ("SUCCESS", "by another message's task")

    with room.store.write() as conn:
        conn.execute(events.delete())
    assert told(jobs.deliver(event)) == {event: ("SUCCESS", "no longer stored")}


def test_what_a_paused_connection_keeps_waiting_is_told_of_behind_it_too(room: Room, jobs: Jobs) -> None:
    connections.pause(room.store, "butik", "städning", probe_in=None)
    one, two = room.company("1", minute=1), room.company("1", minute=2)

    assert told(jobs.deliver(two)) == dict.fromkeys((one, two), ("RETRY", "waiting · the connection is paused: …"))


def test_of_a_lane_that_another_worker_has_nothing_is_told(room: Room, jobs: Jobs) -> None:
    event = room.company("1")
    with room.store.write() as conn:
        conn.execute(update(lanes).values(owner="en annan", lease_until=after(60)))

    assert told(jobs.deliver(event)) == {}


def test_what_is_tried_again_says_why_and_when(room: Room, jobs: Jobs) -> None:
    room.sandbox.fault(kind="html_502")
    event = room.company("1")

    ((state, line),) = told(jobs.deliver(event)).values()

    assert state == "RETRY"
    assert line.startswith("waiting · ")
    assert "502" in line
    assert " · again at 20" in line


def test_without_a_database_the_event_waits_for_it(cut_off: Jobs) -> None:
    assert told(cut_off.deliver("e1")) == {"e1": ("RETRY", "waiting · the database is away")}
