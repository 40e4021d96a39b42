"""Keeps one daemon thread alive in each process that needs it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread


class DaemonThread:
    """Runs `run` in one thread. `start` starts it unless it runs already: a process that was forked, or lost its thread, gets a new one."""

    def __init__(self, run: Callable[[], object], name: str) -> None:
        self._run = run
        self._name = name
        self._starting = Lock()
        self._thread: Thread | None = None

    def start(self) -> None:
        if self._runs():
            return
        with self._starting:
            if not self._runs():
                self._thread = Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _runs(self) -> bool:
        return self._thread is not None and self._thread.is_alive()
