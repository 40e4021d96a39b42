"""The notifier: wake-ups are sent off the answer's path, and cost nothing while nobody can hear them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event
from typing import Literal, TypeAlias

import pytest
from redis.exceptions import ConnectionError as RedisAway

from tests.unit.web.door import NOW, Clock
from web.notifier import PAUSE_WHILE_AWAY, PAUSE_WHILE_FULL, Notifier
from worker.queue.wakeups import Wakeup
from worker.queue.waking import wakeups_of
from worker.store.events.arrival import Accepted, NewEvent, Receipt, Taken

LONG = 30.0

Status: TypeAlias = Literal["pending", "ignored", "dead"]


@dataclass
class Redis:
    """Rings what it has room for, unless it is away."""

    room: int = 1000
    away: bool = False
    rung: SimpleQueue[list[str]] = field(default_factory=SimpleQueue)
    tried: int = 0

    def __call__(self, wakeups: Sequence[Wakeup]) -> Collection[str]:
        self.tried += 1
        if self.away:
            raise RedisAway
        sent = [wakeup.event for wakeup in wakeups[: self.room]]
        self.rung.put(sent)
        return sent


class Idle(Notifier):
    """A notifier without its thread: the test rings."""

    def start(self) -> None:
        pass


def wakeups(*events: str, connection: str = "acme") -> Sequence[Wakeup]:
    return [Wakeup(event, connection, "deal.won") for event in events]


def test_wake_ups_are_rung_in_a_thread_of_their_own() -> None:
    redis = Redis()

    Notifier(redis)(wakeups("a", "b"))

    assert redis.rung.get(timeout=LONG) == ["a", "b"]


def test_a_slow_redis_keeps_nobody_waiting() -> None:
    slow, began = Event(), Event()

    def ring(_wakeups: Sequence[Wakeup]) -> Collection[str]:
        began.set()
        slow.wait(LONG)
        return ()

    notifier = Notifier(ring, waiting=3)
    notifier(wakeups("first"))
    assert began.wait(LONG)
    for event in "abcdefgh":
        notifier(wakeups(event))
    slow.set()


def test_while_redis_is_away_it_is_not_asked_again_for_a_moment() -> None:
    clock, redis = Clock(100.0), Redis(away=True)
    notifier = Idle(redis, now=clock)

    notifier(wakeups("a"))
    notifier(wakeups("b"))
    notifier.ring_next()
    notifier.ring_next()
    notifier(wakeups("c"))
    clock.now += PAUSE_WHILE_AWAY
    redis.away = False
    notifier(wakeups("d"))
    notifier.ring_next()

    assert redis.tried == 2
    assert redis.rung.get(timeout=0) == ["d"]


def test_a_connection_that_has_its_share_leaves_the_notifier_to_the_others() -> None:
    clock, redis = Clock(100.0), Redis(room=1)
    notifier = Idle(redis, now=clock)

    notifier(wakeups("a", "b"))
    notifier.ring_next()
    notifier([*wakeups("c"), *wakeups("d", connection="other")])
    notifier.ring_next()
    clock.now += PAUSE_WHILE_FULL
    notifier(wakeups("e"))
    notifier.ring_next()

    assert [redis.rung.get(timeout=0) for _ in range(3)] == [["a"], ["d"], ["e"]]


def test_the_urgent_events_of_a_connection_that_has_its_share_are_rung_still() -> None:
    redis = Redis(room=1)
    notifier = Idle(redis, now=Clock(100.0))
    urgent = Wakeup("bråttom", "acme", "deal.won", priority=True)

    notifier(wakeups("a", "b"))
    notifier.ring_next()
    notifier([*wakeups("c"), urgent, *wakeups("d", connection="other")])
    notifier.ring_next()

    assert [redis.rung.get(timeout=0) for _ in range(2)] == [["a"], ["bråttom"]]


@pytest.mark.parametrize(
    ("taken", "status", "rings"),
    [
        ("inserted", "pending", True),
        ("revived", "pending", True),
        ("duplicate", "pending", False),
        ("inserted", "ignored", False),
        ("inserted", "dead", False),
    ],
)
def test_only_what_waits_is_rung(taken: Taken, status: Status, rings: bool) -> None:  # noqa: FBT001 - a table's column
    event = NewEvent(
        id="new",
        event_id="e",
        type="deal.won",
        subject="d-ö",
        time=NOW,
        priority=True,
        status=status,
        reason=None,
    )
    receipt = Receipt("r", "acme", stored=True, events=(Accepted("standing", "e", taken, event),))

    assert wakeups_of([receipt]) == ([Wakeup("standing", "acme", "deal.won", True, "e", "d-ö")] if rings else [])
