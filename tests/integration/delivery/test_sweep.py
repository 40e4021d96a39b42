"""The sweep: every lane that is due is rung within seconds, whatever befell Redis, the database or another connection."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from redis import Redis
from sqlalchemy import insert, update
from ulid import ULID

from tests.integration.delivery.room import Room
from worker.queue.wakeups import Wakeup, Wakeups
from worker.store.db.clock import after
from worker.store.db.tables import calls, lanes
from worker.store.lanes import connections


def queued(redis: Redis, queue: str = "default") -> list[tuple[str, str]]:
    """Task and argument of each message, the first one first."""
    messages = redis.lrange(queue, 0, -1)
    assert isinstance(messages, list)
    headers = [json.loads(message)["headers"] for message in reversed(messages)]
    return [(each["task"], each["argsrepr"].rpartition(" ")[2].strip("(',)")) for each in headers]


def rung(redis: Redis, queue: str = "default") -> list[str]:
    return [argument for task, argument in queued(redis, queue) if task == "relay.deliver"]


def make_urgent(room: Room, *ids: str) -> None:
    with room.store.write() as conn:
        subjects = [room.event(event).subject for event in ids]
        conn.execute(update(lanes).where(lanes.c.subject.in_(subjects)).values(priority=True))


def recheck_due(room: Room, connection: str) -> str:
    """A call that is to be looked at again now."""
    call = str(ULID())
    values = {"account": 1, "fingerprint": "f00d", "method": "PUT", "resource": "account", "record_id": 900, "sent": {}}
    times = {"started_at": after(-1000), "deadline_at": after(-900), "verify_at": after(-500)}
    with room.store.write() as conn:
        conn.execute(
            insert(calls).values(id=call, connection=connection, write=True, state="unknown", **values, **times)
        )
    return call


class Poor(Wakeups):
    """Rings, but for one connection."""

    def __init__(self, redis_url: str, trouble: Exception) -> None:
        super().__init__(redis_url, bound=500)
        self._trouble = trouble

    def ring(self, wakeups: Sequence[Wakeup]) -> Collection[str]:
        if any(wakeup.connection == "butik" for wakeup in wakeups):
            raise self._trouble
        return super().ring(wakeups)


def test_what_asks_upsales_is_left_to_tasks_of_its_own(room: Room, redis: Redis) -> None:
    """An account that takes 20 s for an answer keeps no lane waiting."""
    room.run(room.company("0", connection="kassa"))
    before = len(room.sandbox.calls())
    recheck_due(room, "kassa")
    connections.pause(room.store, "butik", "401", probe_in=0.0)
    event = room.company("1", connection="kassa")

    for _ in range(2):
        room.runtime.sweep.run()

    assert len(room.sandbox.calls()) == before
    assert rung(redis) == [event]
    assert sorted(queued(redis, "priority")) == [("relay.probe", "butik"), ("relay.recheck", "kassa")]


def test_nobody_rechecks_or_probes_where_there_is_nothing_to_do(room: Room, redis: Redis) -> None:
    kassa = room.settings.connections["kassa"]
    recheck_due(room, "borttagen")
    recheck_due(room, "butik")
    recheck_due(room, "egen")
    connections.pause(room.store, "butik", "städning", probe_in=None)
    connections.pause(room.store, "kassa", "401", probe_in=60.0, key=room.runtime.binding.fingerprint(kassa))
    connections.breaker_failed(room.store, "egen", "k", lanes=1, seconds=60)

    room.runtime.sweep.run()

    assert queued(redis, "priority") == []


def test_after_a_wipe_of_redis_the_next_sweep_rings_everything_again(room: Room, redis: Redis) -> None:
    events = [room.company(number) for number in range(3)]
    room.runtime.sweep.run()
    assert rung(redis) == events

    redis.flushall()
    room.runtime.sweep.run()
    assert rung(redis) == events

    for event in events:
        room.runtime.wakeups.taken(event, "butik")
    room.runtime.sweep.run()
    assert rung(redis) == events


@pytest.mark.parametrize("trouble", [AttributeError("hostname"), ConnectionResetError("away")])
def test_what_goes_wrong_with_one_connection_leaves_the_others_and_its_own_rung_at_alone(
    room: Room, redis: Redis, valkey_url: str, trouble: Exception
) -> None:
    first, other = room.company("1"), room.company("2", connection="kassa")

    replace(room.runtime.sweep, wakeups=Poor(valkey_url, trouble)).run()
    assert rung(redis) == [other]

    room.runtime.sweep.run()
    assert rung(redis) == [other, first]


def test_while_redis_is_away_nothing_is_marked_as_rung(room: Room, redis: Redis) -> None:
    event = room.company("1")

    replace(room.runtime.sweep, wakeups=Wakeups("redis://127.0.0.1:1/0", bound=500)).run()
    assert rung(redis) == []

    room.runtime.sweep.run()
    assert rung(redis) == [event]


def test_urgent_lanes_are_rung_though_the_others_have_used_up_their_places(room: Room, redis: Redis) -> None:
    crowd = [Wakeup(f"e{n}", "butik", "t") for n in range(room.settings.delivery.queue_bound)]
    room.runtime.wakeups.ring(crowd)
    urgent = room.company("1")
    make_urgent(room, urgent)

    room.runtime.sweep.run()

    assert rung(redis, "priority") == [urgent]


def test_urgent_lanes_are_rung_while_calls_are_short(room: Room, redis: Redis) -> None:
    crowd = [Wakeup(f"e{n}", "butik", "t") for n in range(100)]
    room.runtime.wakeups.ring(crowd)
    room.runtime.wakeups.short("butik", 15.0)
    urgent, other = room.company("1"), room.company("2")
    make_urgent(room, urgent)

    room.runtime.sweep.run()

    assert rung(redis, "priority") == [urgent]
    assert other not in rung(redis)


def test_lanes_whose_messages_are_on_their_way_keep_nobody_behind_them(
    room: Room, redis: Redis, valkey_url: str
) -> None:
    first, second, third = (room.company(number) for number in range(3))
    wakeups = Wakeups(valkey_url, bound=2)
    wakeups.ring([Wakeup(first, "butik", "account.upsert")])
    delivery = replace(room.settings.delivery, queue_bound=2)
    sweep = replace(room.runtime.sweep, wakeups=wakeups, settings=replace(room.settings, delivery=delivery))

    sweep.run()
    assert rung(redis) == [first, second]

    wakeups.taken(first, "butik")
    room.run(first)
    sweep.run()
    assert rung(redis) == [first, second, third]


def test_a_lane_for_which_there_was_no_place_left_is_rung_as_soon_as_there_is(
    room: Room, redis: Redis, valkey_url: str
) -> None:
    """The receiver's notifier may have taken it in between."""
    first, second = (room.company(number) for number in range(2))
    wakeups = Wakeups(valkey_url, bound=1)
    sweep = replace(room.runtime.sweep, wakeups=wakeups)

    sweep.run()
    assert rung(redis) == [first]

    wakeups.taken(first, "butik")
    sweep.run()
    assert rung(redis) == [first, second]


def test_a_lane_that_is_worked_on_or_waits_is_not_rung(room: Room, redis: Redis) -> None:
    event = room.company("1")
    with room.store.write() as conn:
        conn.execute(update(lanes).values(due_at=after(60)))

    room.runtime.sweep.run()
    assert rung(redis) == []

    room.come()
    room.runtime.sweep.run()
    assert rung(redis) == [event]
