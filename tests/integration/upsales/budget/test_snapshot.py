"""Redis comes back with a snapshot that is older than its end, as an ordinary one does after it was killed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.integration.valkey import wait_for
from worker.cli.local.valkey import prepare
from worker.errors import Throttled
from worker.settings import Upsales, Window
from worker.upsales.budget import Budget, Past, PastCall, connect

LIMIT = 20
UPSALES = Upsales(calls=(Window(1000, 600),), writes=(Window(LIMIT, 600),))


class Snapshotting:
    """A server that keeps its data as Redis does by default."""

    def __init__(self, directory: Path) -> None:
        server = prepare(directory)
        self._command = [*server.command, "--appendonly", "no", "--save", "3600 1", "--dbfilename", "dump.rdb"]
        self.redis = connect(server.url)
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_for(self.redis)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Snapshotting]:
    made = Snapshotting(tmp_path)
    yield made
    made.kill()


class Caller:
    """Makes writes as long as it gets them at once. `made`: when those in the journal were answered."""

    def __init__(self, redis: Redis) -> None:
        self.made: list[float] = []
        self.budget = Budget(redis, "abc", UPSALES, self._recall)

    def _recall(self, _fingerprint: str, _seconds: float) -> Past:
        return Past([PastCall(time.monotonic() - at, True) for at in self.made])

    def write(self, most: int = 1000) -> int:
        for number in range(most):
            if not self._admitted():
                return number
            self.budget.learn({})
            self.made.append(time.monotonic())
        return most

    def _admitted(self) -> bool:
        """After a new start of Redis its windows open in a moment."""
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                self.budget.take(write=True)
            except Throttled as throttled:
                if throttled.seconds > 5:
                    return False
                time.sleep(min(throttled.seconds, 0.1))
            else:
                return True
        return False


def test_calls_since_the_snapshot_are_counted_again_and_those_before_it_once(server: Snapshotting) -> None:
    caller = Caller(server.redis)
    caller.write(5)
    server.redis.save()
    caller.write(8)
    server.kill()
    server.start()
    assert caller.write() == LIMIT - 13
    assert caller.budget.left()[1].used == LIMIT


def test_a_call_that_was_under_way_is_counted(server: Snapshotting) -> None:
    """It was granted before the snapshot and is answered after the new start."""
    caller = Caller(server.redis)
    caller.write(5)
    caller.budget.take(write=True)
    server.redis.save()
    server.kill()
    server.start()
    caller.budget.learn({})
    assert caller.write() == LIMIT - 6


def test_where_redis_tells_no_run_the_windows_work_as_before(server: Snapshotting) -> None:
    """Hosted ones may forbid INFO."""
    server.redis.acl_setuser("default", commands=["-info"], reset_keys=False, enabled=True)
    with pytest.raises(RedisError):
        server.redis.info("server")
    assert Caller(server.redis).write() == LIMIT
