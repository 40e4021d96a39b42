"""A worker does each message once, also one that comes twice, too late, or while the database is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select

from tests.integration.delivery.room import Room
from tests.integration.delivery.test_sweep import queued, recheck_due, rung
from worker.app import app
from worker.delivery.jobs import Jobs
from worker.delivery.probe import FIRST
from worker.queue.singletons import PROBE, RECHECK, SWEEP, name_of
from worker.queue.wakeups import TASK
from worker.runtime import Runtime
from worker.store.db.clock import now
from worker.store.db.tables import calls, events
from worker.store.lanes import connections
from worker.store.lanes.connections import State

REASON = "Upsales does not accept the API key (GET /self)"
SLACK = 3.0
"""Seconds that a slow machine may take between two statements."""


def state(room: Room, name: str = "butik") -> State:
    with room.store.read() as conn:
        return connections.get(conn, name)


def probe_in(room: Room) -> float:
    """Seconds until the next one."""
    with room.store.read() as conn:
        at = now(conn)
    due = state(room).probe_at
    assert due is not None
    return (due - at) / timedelta(seconds=1)


def test_an_event_is_delivered_and_its_place_is_free(room: Room, jobs: Jobs) -> None:
    event = room.company("1")
    room.runtime.sweep.run()
    assert room.runtime.wakeups.room("butik") == room.settings.delivery.queue_bound - 1

    jobs.deliver(event)
    jobs.deliver(event)

    assert room.event(event).status == "delivered"
    assert room.runtime.wakeups.room("butik") == room.settings.delivery.queue_bound
    assert len([call for call in room.sandbox.calls() if call["write"]]) == 1


def test_the_place_of_an_event_that_is_gone_is_free(room: Room, jobs: Jobs) -> None:
    event = room.company("1")
    room.runtime.sweep.run()
    with room.store.write() as conn:
        conn.execute(events.delete())

    jobs.deliver(event)

    assert room.runtime.wakeups.room("butik") == room.settings.delivery.queue_bound


def test_what_was_taken_while_the_database_was_away_is_rung_by_the_next_sweep(
    room: Room, redis: Redis, cut_off: Jobs
) -> None:
    event = room.company("1")
    room.runtime.sweep.run()
    assert rung(redis) == [event]

    redis.delete("default")
    cut_off.deliver(event)
    room.runtime.sweep.run()

    assert rung(redis) == [event]


def test_while_the_database_is_away_no_duty_raises(room: Room, cut_off: Jobs) -> None:
    cut_off.sweep()
    cut_off.tidy()
    for name in (*room.settings.connections, "borttagen"):
        cut_off.probe(name)
        cut_off.recheck(name)


def test_while_redis_is_away_events_are_delivered_once_it_is_back(room: Room) -> None:
    runtime = Runtime(replace(room.settings, redis_url="redis://127.0.0.1:1/0"), room.environ)
    jobs, event = runtime.jobs(), room.company("1")

    jobs.deliver(event)
    jobs.sweep()
    jobs.tidy()

    assert room.event(event).status == "pending"
    runtime.close()


def test_a_singleton_is_called_for_again_once_it_was_begun(room: Room, redis: Redis, jobs: Jobs) -> None:
    room.run(room.company("0"))
    room.sandbox.client.delete("/sandbox/keys/butik")
    connections.pause(room.store, "butik", REASON, probe_in=0.0)
    for _ in range(3):
        jobs.sweep()
    assert queued(redis, "priority") == [(PROBE, "butik")]

    redis.delete("priority")
    jobs.probe("butik")
    room.come()
    jobs.sweep()

    assert queued(redis, "priority") == [(PROBE, "butik")]


def test_one_account_is_asked_by_one_thread_at_a_time(room: Room) -> None:
    """Messages pile up while a slow one is looked at."""
    room.run(room.company("0"))
    recheck_due(room, "butik")
    looks: list[str] = []

    def look(found: object, fence: object) -> object:
        looks.append("butik")
        worker.recheck("butik")
        raise AssertionError("no more than that")

    room.runtime.rechecks = replace(room.runtime.rechecks, open_access=look)  # type: ignore[arg-type]
    worker = room.runtime.jobs()
    with pytest.raises(AssertionError, match="no more"):
        worker.recheck("butik")

    assert looks == ["butik"]


def test_looks_end_when_their_connection_stops(room: Room) -> None:
    room.run(room.company("0"))
    for _ in range(3):
        recheck_due(room, "butik")
    rechecks = room.runtime.rechecks

    def look(found: object, fence: object) -> object:
        connections.pause(room.store, "butik", "städning", probe_in=None)
        return rechecks.open_access(found, fence)  # type: ignore[arg-type]

    replace(rechecks, open_access=look).run("butik")  # type: ignore[arg-type]

    assert rechecked(room) == 1


def test_looks_that_take_long_leave_the_rest_to_the_next_message(room: Room) -> None:
    room.run(room.company("0"))
    for _ in range(3):
        recheck_due(room, "butik")
    times = iter(range(0, 1000, 20))

    replace(room.runtime.rechecks, clock=lambda: float(next(times))).run("butik")

    assert rechecked(room) == 1


def rechecked(room: Room) -> int:
    """How many calls were looked at."""
    with room.store.read() as conn:
        due = conn.execute(select(calls.c.id).where(calls.c.state == "unknown", calls.c.verify_at <= now(conn))).all()
    return 3 - len(due)


@pytest.mark.parametrize("kind", ["outage", "throttle"])
def test_a_probe_that_finds_nothing_out_keeps_the_reason_and_asks_again_soon(room: Room, jobs: Jobs, kind: str) -> None:
    room.run(room.company("0"))
    connections.pause(room.store, "butik", REASON, probe_in=0.0)
    for _ in range(6):
        room.come()
        assert connections.take_probe(room.store, "butik", 0.0, state(room).refused_key)
    room.sandbox.fault(kind=kind, **({"seconds": 3600} if kind == "outage" else {"count": 100}))
    room.come()

    jobs.probe("butik")

    assert (state(room).paused, state(room).reason, state(room).probes) == (True, REASON, 6)
    assert probe_in(room) <= FIRST + SLACK


def test_a_connection_that_is_resumed_is_rung_by_the_next_sweep(room: Room, redis: Redis, jobs: Jobs) -> None:
    room.run(room.company("0"))
    event = room.company("1")
    jobs.sweep()
    connections.pause(room.store, "butik", REASON, probe_in=0.0)
    redis.delete("default", "relay:out:default:butik")

    jobs.probe("butik")
    jobs.sweep()

    assert state(room).runs
    assert rung(redis) == [event]


def test_every_task_that_is_called_is_known_to_the_workers() -> None:
    app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {TASK, PROBE, RECHECK, *scheduled} <= set(app.tasks)
    assert SWEEP in scheduled
    assert name_of(SWEEP) != name_of(SWEEP, "butik")
