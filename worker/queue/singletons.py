"""Sends tasks besides deliveries, one message of each on its way at a time.

So they don't pile up, however long no worker runs.
"""

from __future__ import annotations

from typing import Final

from worker.queue.broker import impatient, sender
from worker.queue.inflight import InFlight, Quota
from worker.queue.wakeups import PRIORITY

SWEEP: Final = "relay.sweep"
TIDY: Final = "relay.tidy"
WATCH: Final = "relay.watch"
SEARCH: Final = "relay.search"
PROBE: Final = "relay.probe"
RECHECK: Final = "relay.recheck"
BACKFILL: Final = "relay.backfill"
CATCH_UP: Final = "relay.catch_up"
RENEW: Final = "relay.renew"

LOST = 5.0
MANY = 1_000_000
# No connection can be called so.
_SHELF = Quota("*", PRIORITY, MANY, MANY, LOST, LOST)


def name_of(task: str, connection: str = "") -> str:
    """What a singleton is called while it is on its way."""
    return f"{task} {connection}".rstrip()


class Singletons:
    """A singleton is on its way from when it `sets_out` until it has `begun`. Raises what UNREACHABLE of worker.queue.wakeups lists."""

    def __init__(self, redis_url: str) -> None:
        self._places = InFlight(impatient(redis_url))
        self._celery = sender(redis_url)

    def sets_out(self, singleton: str) -> bool:
        """Whether a message is to be sent now: none was on its way, and from here on this one is."""
        return bool(self._places.take(_SHELF, [singleton]))

    def begun(self, singleton: str) -> None:
        self._places.free([_SHELF], singleton)

    def call(self, task: str, connection: str) -> None:
        """Have a worker do this for a connection."""
        if self.sets_out(name_of(task, connection)):
            self._celery.send_task(task, args=(connection,), queue=PRIORITY, retry=False, ignore_result=True)
