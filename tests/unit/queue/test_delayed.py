"""Delayed wake-ups: what waits for moments only is rung on time, and nothing that goes wrong silences it."""

from __future__ import annotations

from collections.abc import Sequence
from queue import SimpleQueue

import pytest
from redis.exceptions import ConnectionError as RedisAway

from tests.fakes import Clock
from worker.queue.delayed import LONGEST, MOST, DelayedWakeups
from worker.queue.wakeups import Wakeup

LONG = 30.0


def wakeup(event: str) -> Wakeup:
    return Wakeup(event, "butik", "order.upsert")


def nobody(_wakeups: Sequence[Wakeup]) -> None:
    raise AssertionError("nothing is to be rung")


class Silent(DelayedWakeups):
    """Without its thread: the test rings."""

    def start(self) -> None:
        pass


def test_what_is_due_is_rung_once_the_earliest_first() -> None:
    clock = Clock()
    delayed = Silent(nobody, clock=lambda: clock.now)
    for event, seconds in (("sist", 3.0), ("först", 1.0), ("sedan", 2.0)):
        delayed.set(wakeup(event), seconds)

    assert delayed.due() == []
    clock.advance(2.0)
    assert [each.event for each in delayed.due()] == ["först", "sedan"]
    clock.advance(2.0)
    assert [each.event for each in delayed.due()] == ["sist"]
    assert delayed.due() == []


def test_what_waits_for_long_and_what_is_too_much_is_the_sweepers() -> None:
    delayed = Silent(nobody, clock=lambda: 100.0)
    delayed.set(wakeup("väntar länge"), LONGEST + 0.1)
    assert delayed.due() == []

    for number in range(MOST + 5):
        delayed.set(wakeup(str(number)), 0.0)
    assert len(delayed.due()) == MOST


def test_with_nothing_due_nothing_is_rung() -> None:
    Silent(nobody).ring_due()


@pytest.mark.parametrize(
    "trouble", [RedisAway("borta"), AttributeError("'NoneType' object has no attribute 'hostname'")]
)
def test_its_thread_outlives_whatever_ringing_raises(trouble: Exception) -> None:
    """Kombu raises AttributeErrors when its connection breaks at the wrong moment."""
    tried: SimpleQueue[str] = SimpleQueue()

    def ring(wakeups: Sequence[Wakeup]) -> None:
        tried.put(wakeups[0].event)
        raise trouble

    delayed = DelayedWakeups(ring)
    for event in ("ett", "två", "tre"):
        delayed.set(wakeup(event), 0.0)
        assert tried.get(timeout=LONG) == event
