"""Readiness is what commits do, not what a question is answered."""

from __future__ import annotations

from threading import Event

import pytest

from tests.unit.web.door import Clock
from web.readiness import IDLE, Commits
from worker.errors import ConfigError
from worker.store import StoreUnavailable

FULL = StoreUnavailable("The database is not available: database or disk is full")


class Disk:
    def __init__(self) -> None:
        self.probes = 0
        self.error: Exception | None = None

    def __call__(self) -> None:
        self.probes += 1
        if self.error is not None:
            raise self.error


def test_a_commit_that_succeeds_needs_no_probe_for_a_while() -> None:
    clock, disk = Clock(0.0), Disk()
    commits = Commits(disk, now=clock)
    commits.ended(None)
    clock.now = IDLE - 0.1
    commits.check()
    assert disk.probes == 0
    clock.now = IDLE
    commits.check()
    commits.check()
    assert disk.probes == 1


def test_a_commit_that_failed_counts_at_once_and_until_something_is_written() -> None:
    disk = Disk()
    commits = Commits(disk, now=Clock(0.0))
    commits.ended(None)
    disk.error = FULL
    commits.ended(FULL)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="disk is full"):
            commits.check()
    disk.error = None
    commits.check()
    disk.error = FULL
    commits.ended(FULL)
    commits.ended(None)
    commits.check()


@pytest.mark.parametrize(
    ("error", "seen"), [(ConfigError("run `relay release`"), ConfigError), (KeyError("b"), StoreUnavailable)]
)
def test_whatever_a_probe_raises_is_told(error: Exception, seen: type[Exception]) -> None:
    disk = Disk()
    disk.error = error
    with pytest.raises(seen):
        Commits(disk, now=Clock(0.0)).check()


def test_a_probe_that_hangs_has_failed_and_there_is_one_at_a_time() -> None:
    hanging, begun = Event(), []

    def probe() -> None:
        begun.append(1)
        hanging.wait(30)

    commits = Commits(probe, now=Clock(0.0), patience=0.01)
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="did not take a probe"):
            commits.check()
    hanging.set()
    assert begun == [1]
