"""Writers of one SQLite file take turns, over threads and processes, and give up at a deadline.

SQLite's own busy wait is unfair under contention (https://www.sqlite.org/c3ref/busy_timeout.html): a writer can starve for seconds.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHORTEST_PAUSE = 0.0005
LONGEST_PAUSE = 0.005


class TurnTimeout(Exception):
    """Somebody else kept the turn for too long."""


class Turns:
    """Threads queue on a lock of the process; only the first of them contends for the file's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.Lock()
        self._file: int | None = None

    @contextmanager
    def take(self, wait: float) -> Iterator[None]:
        deadline = time.monotonic() + wait
        if not self._thread.acquire(timeout=wait):
            raise TurnTimeout
        try:
            file = self._opened()
            _lock(file, deadline)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._thread.release()

    def forget(self) -> None:
        """Let go of the file: a forked child that kept it open would keep its parent's turn alive after the parent's death."""
        self._thread = threading.Lock()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file


def _lock(file: int, deadline: float) -> None:
    pause = SHORTEST_PAUSE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TurnTimeout from None
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        else:
            return
