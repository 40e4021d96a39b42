"""Gives signs of life of a process, and stores each second what it counted in memory."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final

import structlog
from ulid import ULID

from worker.instruments.tally import Tally
from worker.queue.thread import DaemonThread
from worker.store import Store, StoreUnavailable
from worker.store.instruments import processes
from worker.store.instruments.counters import count_apart
from worker.store.instruments.processes import Kind

EVERY: Final = 5.0
"""Seconds between two signs of life."""
FLUSH_EVERY: Final = 1.0
WAIT: Final = 1.0
"""Seconds to wait for the database's turn: whoever delivers comes first."""

log = structlog.get_logger()


def idle() -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The process. `busy`: how many of its threads work now."""

    kind: Kind
    threads: int = 0
    busy: Callable[[], int] = idle
    id: str = field(default_factory=lambda: str(ULID()))


class Heartbeat:
    """In one thread a process. While the database is away it goes on trying: the silence is the sign then."""

    def __init__(self, store: Store, who: Who, tally: Tally, now: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._who = who
        self._tally = tally
        self._now = now
        self._known = False
        self._away = False
        self._next = float("-inf")
        self._thread = DaemonThread(self._run, "heartbeat")

    def start(self) -> None:
        self._thread.start()

    def step(self) -> None:
        """What is due now. Never raises."""
        try:
            if self._now() >= self._next:
                self._next = self._now() + EVERY
                self._live()
            self._flush()
        except StoreUnavailable as error:
            self._tell("the database is away: no signs of life until it is back", str(error))
        except Exception as error:  # noqa: BLE001 - the thread must outlive it; its text may hold values
            self._tell("no signs of life can be stored", type(error).__name__)
        else:
            self._away = False

    def end(self) -> None:
        """The process ends in good order. Never raises."""
        with suppress(Exception):
            self._flush()
        with suppress(Exception):
            processes.end(self._store, self._who.id, wait=WAIT)

    def _tell(self, what: str, error: str) -> None:
        """Once, until it works again."""
        if not self._away:
            log.warning(what, error=error)
        self._away = True

    def _live(self) -> None:
        who = self._who
        if self._known and processes.sign_of_life(self._store, who.id, busy=who.busy(), wait=WAIT):
            return
        self._store.shard = processes.begin(
            self._store,
            id=who.id,
            kind=who.kind,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=version("upsales-relay"),
            threads=who.threads,
        )
        self._known = True

    def _flush(self) -> None:
        counts = self._tally.drain()
        if not counts:
            return
        try:
            count_apart(self._store, counts, WAIT)
        except BaseException:
            self._tally.put_back(counts)
            raise

    def _run(self) -> None:
        while True:
            self.step()
            time.sleep(FLUSH_EVERY)
