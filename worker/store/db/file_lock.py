"""Lets writers of one SQLite file take turns, over threads and processes.

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

SHORTEST_PAUSE = 0.0003
LONGEST_PAUSE = 0.003


class LockTimeout(Exception):
    """Somebody else kept the turn for too long."""


class FileLock:
    """Threads queue on a lock of the process; only the first of them contends with other processes.

    A second lock, the door, makes it fair: a writer holds the door while it waits for the file, so nobody is passed over for ever.
    """

    def __init__(self, path: Path) -> None:
        self._door = _File(path.with_name(f"{path.name}.door"))
        self._turn = _File(path)
        self._thread = threading.Lock()

    @contextmanager
    def take(self, wait: float) -> Iterator[None]:
        deadline = time.monotonic() + wait
        if not self._thread.acquire(timeout=wait):
            raise LockTimeout
        try:
            with self._door.locked(deadline):
                self._turn.lock(deadline)
            try:
                yield
            finally:
                self._turn.unlock()
        finally:
            self._thread.release()

    def forget(self) -> None:
        """Let go of the files: a forked child that kept them open would keep its parent's turn alive after the parent's death."""
        self._thread = threading.Lock()
        self._door.close()
        self._turn.close()


class _File:
    """An advisory lock on a file, which the kernel takes back from a process that dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    @contextmanager
    def locked(self, deadline: float) -> Iterator[None]:
        self.lock(deadline)
        try:
            yield
        finally:
            self.unlock()

    def lock(self, deadline: float) -> None:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        pause = SHORTEST_PAUSE
        while not _locked(self._file):
            if time.monotonic() >= deadline:
                raise LockTimeout
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def unlock(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
