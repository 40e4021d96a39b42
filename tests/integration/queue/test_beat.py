"""Beat and the watchdog with a real Redis: nothing piles up, and only what is taken here is waited for."""

from __future__ import annotations

import shelve
from pathlib import Path

import pytest
from celery import Celery
from celery.beat import ScheduleEntry
from kombu.utils.imports import symbol_by_name
from redis import Redis

from worker.app import build
from worker.queue.beat import Scheduler
from worker.queue.singletons import LOST, SWEEP, TIDY, Singletons
from worker.queue.watchdog import waiting_in
from worker.settings import Settings

ON_THEIR_WAY = "relay:out:priority:*"


@pytest.fixture
def app(redis: Redis, valkey_url: str) -> Celery:
    return build(Settings(redis_url=valkey_url))


def sends(app: Celery, name: str, times: int) -> None:
    scheduler = Scheduler(app, lazy=True)
    entry = app.conf.beat_schedule[name]
    for _ in range(times):
        scheduler.apply_entry(ScheduleEntry(name=name, app=app, **entry))


def test_however_long_no_worker_runs_one_message_of_each_task_waits(app: Celery, redis: Redis) -> None:
    sends(app, "sweep", 50)
    sends(app, "tidy", 50)
    for name in (SWEEP, TIDY):
        redis.zincrby(ON_THEIR_WAY, -7 * 86400, name)
    sends(app, "sweep", 50)

    assert (redis.llen("priority"), redis.llen("default")) == (2, 0)


def test_once_a_worker_began_the_next_one_is_sent(app: Celery, redis: Redis, valkey_url: str) -> None:
    sends(app, "sweep", 2)
    redis.delete("priority")

    Singletons(valkey_url).begun(SWEEP)
    sends(app, "sweep", 2)

    assert redis.llen("priority") == 1


@pytest.mark.parametrize("wiped", [True, False], ids=["with all of Redis", "with its worker"])
def test_a_message_that_was_lost_is_sent_again(app: Celery, redis: Redis, *, wiped: bool) -> None:
    sends(app, "sweep", 2)
    redis.flushall() if wiped else redis.delete("priority")
    if not wiped:
        redis.zincrby(ON_THEIR_WAY, -LOST - 1, SWEEP)

    sends(app, "sweep", 2)

    assert redis.llen("priority") == 1


def test_beat_outlives_redis() -> None:
    sends(build(Settings(redis_url="redis://127.0.0.1:1/0")), "sweep", 2)


def test_it_is_the_scheduler_that_beat_starts_with(app: Celery) -> None:
    assert symbol_by_name(app.conf.beat_scheduler) is Scheduler


def test_it_keeps_no_file_and_reads_none(app: Celery, tmp_path: Path) -> None:
    """Celery's own unpickles its file, and so runs what whoever put it there wants."""
    planted = tmp_path / "relay-beat"
    ran = tmp_path / "ran"

    class Planted:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (ran,))  # type: ignore[return-value] # a reduction as pickle takes it

    with shelve.open(str(planted)) as file:  # noqa: S301 - what is shown is that it is not read
        file["entries"] = Planted()
    before = sorted(tmp_path.iterdir())

    scheduler = Scheduler(app, schedule_filename=str(planted))
    scheduler.tick()
    scheduler.close()

    assert sorted(scheduler.schedule) == ["search", "sweep", "tidy", "watch"]
    assert sorted(tmp_path.iterdir()) == before


def test_a_worker_waits_for_messages_of_its_own_queues_only(app: Celery, redis: Redis) -> None:
    redis.rpush("default", "a", "b")
    redis.rpush("priority", "c")
    assert waiting_in(app) == 3

    app.amqp.queues.select(["priority"])

    assert waiting_in(app) == 1
