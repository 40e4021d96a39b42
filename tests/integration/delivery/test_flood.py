"""A flood of one connection keeps no other waiting; a connection that is alone has the whole worker."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.integration.delivery.room import Room
from worker.queue.wakeups import Wakeup, Wakeups
from worker.settings import Delivery

BOUND = Delivery().queue_bound
CONFIG = """
[delivery]
queue_bound = {bound}
[connections.butik]
connector = "generic"
[connections.kassa]
connector = "generic"
"""
WORKER = ["-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", "8", "-Q", "priority,default"]
THRIFTY = ["--without-gossip", "--without-mingle", "--loglevel", "ERROR"]


@contextmanager
def worker(room: Room, home: Path, bound: int) -> Iterator[None]:
    """As in the Procfile, without beat: nothing sweeps."""
    config = home / "relay.toml"
    config.write_text(CONFIG.format(bound=bound), "utf-8")
    keys = {name: key for name, key in room.environ.items() if "EGEN" not in name}
    environ = keys | {
        "PYTHONPATH": ":".join(sys.path),
        "RELAY_CONFIG": str(config),
        "DATABASE_URL": room.settings.database_url,
        "REDIS_URL": str(room.settings.redis_url),
        "UPSALES_BASE_URL": room.settings.upsales.base_url,
    }
    process = subprocess.Popen([sys.executable, *WORKER, *THRIFTY], env=environ)
    try:
        yield
    finally:
        process.kill()
        process.wait()
        room.sandbox.mend()


def begun_after(room: Room, events: Sequence[str], most: float) -> float:
    """Seconds until each of the events was claimed."""
    started = time.monotonic()
    while any(_waits(room, event) for event in events):
        assert time.monotonic() - started < most
        time.sleep(0.05)
    return time.monotonic() - started


def _waits(room: Room, event: str) -> bool:
    found = room.event(event)
    return found.status == "pending" and found.claims == 0


def ring(wakeups: Wakeups, connection: str, events: Sequence[str]) -> int:
    return len(wakeups.ring([Wakeup(event, connection, "account.upsert") for event in events]))


def test_an_event_is_begun_within_seconds_whatever_another_connection_sends(room: Room, tmp_path: Path) -> None:
    wakeups = Wakeups(str(room.settings.redis_url), BOUND)
    warm = [room.company("varm", connection=name) for name in ("butik", "kassa")]
    flood = [room.company(number) for number in range(500)]
    with worker(room, tmp_path, BOUND):
        ring(wakeups, "butik", warm[:1])
        ring(wakeups, "kassa", warm[1:])
        begun_after(room, warm, 60)
        room.sandbox.fault(kind="delay_before_commit", seconds=1.0)
        assert ring(wakeups, "butik", flood) == BOUND
        begun_after(room, flood[:8], 30)

        event = room.company("bråttom", connection="kassa")
        ring(wakeups, "kassa", [event])

        assert begun_after(room, [event], 30) < 5


def test_a_worker_rings_what_is_due_when_places_come_free(room: Room, tmp_path: Path) -> None:
    """More than has a place waits, and no sweep comes by."""
    wakeups = Wakeups(str(room.settings.redis_url), 10)
    events = [room.company(number) for number in range(40)]
    assert ring(wakeups, "butik", events) == 10
    with worker(room, tmp_path, 10):
        begun_after(room, events, 60)
