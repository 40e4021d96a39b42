"""The watchdog: a worker that is deaf ends, one that is busy, idle or cut off does not."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisAway

from worker.queue.watchdog import DEAF_AFTER, EXIT_CODE, LOOK_EVERY, Watchdog, deaf

THREADS = 2


@dataclass
class Worker:
    """A worker's queue as its watchdog sees it, and time."""

    messages: int = 0
    trouble: Exception | None = None
    now: float = 100.0
    left: list[int] = field(default_factory=list)
    dog: Watchdog = field(init=False)

    def __post_init__(self) -> None:
        self.dog = Watchdog(self.waiting, THREADS, clock=lambda: self.now, leave=self.left.append)

    def waiting(self) -> int:
        if self.trouble is not None:
            raise self.trouble
        return self.messages

    def live(self, seconds: float) -> None:
        for _ in range(int(seconds / LOOK_EVERY)):
            self.now += LOOK_EVERY
            self.dog.look()


@pytest.mark.parametrize(
    ("waiting", "idle_for", "busy", "is_deaf"),
    [
        (1, DEAF_AFTER + 1, 0, True),
        (1, DEAF_AFTER + 1, THREADS - 1, True),
        (1, DEAF_AFTER + 1, THREADS, False),
        (1, DEAF_AFTER, 0, False),
        (0, DEAF_AFTER + 1, 0, False),
    ],
    ids=["deaf", "with one call under way", "all threads busy", "not for long", "nothing waits"],
)
def test_deaf_is_who_takes_nothing_though_it_could(waiting: int, idle_for: float, busy: int, *, is_deaf: bool) -> None:
    assert deaf(waiting=waiting, idle_for=idle_for, busy=busy, threads=THREADS) is is_deaf


def test_a_worker_that_takes_nothing_for_long_exits() -> None:
    worker = Worker(messages=3)

    worker.live(DEAF_AFTER)
    assert worker.left == []
    worker.live(LOOK_EVERY)

    assert worker.left == [EXIT_CODE]


def test_a_worker_that_takes_messages_stays() -> None:
    worker = Worker(messages=3)
    for _ in range(4):
        worker.live(DEAF_AFTER - LOOK_EVERY)
        worker.dog.started()
        worker.dog.ended()
    assert worker.left == []


def test_a_worker_with_all_threads_busy_stays_and_gets_its_time_when_one_is_free() -> None:
    worker = Worker(messages=3)
    for _ in range(THREADS):
        worker.dog.started()
    worker.live(10 * DEAF_AFTER)
    worker.dog.ended()
    worker.live(DEAF_AFTER)
    assert worker.left == []


def test_what_has_just_come_in_after_a_quiet_night_finds_the_worker_awake() -> None:
    worker = Worker()
    worker.live(10 * DEAF_AFTER)
    worker.messages = 1
    worker.live(LOOK_EVERY)
    assert worker.left == []


@pytest.mark.parametrize("trouble", [RedisAway("borta"), OperationalError("borta"), AttributeError("hostname")])
def test_after_an_outage_of_redis_a_worker_has_time_to_come_back(trouble: Exception) -> None:
    worker = Worker(messages=3, trouble=trouble)
    worker.live(10 * DEAF_AFTER)
    worker.trouble = None

    worker.live(DEAF_AFTER)
    assert worker.left == []
    worker.live(LOOK_EVERY)

    assert worker.left == [EXIT_CODE]
