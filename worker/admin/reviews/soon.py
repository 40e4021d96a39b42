"""Waits a moment for what may take long, and lets it go on beside the page that asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final, Generic, TypeVar

import structlog

from worker.queue.thread import DaemonThread

T = TypeVar("T")

_log = structlog.get_logger()

MOMENT: Final = 0.25
MOST: Final = 4
"""So many go on at once; who comes then is told that it takes longer."""


@dataclass(slots=True)
class _Running(Generic[T]):
    done: Event = field(default_factory=Event)
    found: T | None = None


class Soon(Generic[T]):
    """Safe to share between threads. What has one name is done once at a time."""

    def __init__(self, moment: float = MOMENT) -> None:
        self._moment = moment
        self._running: dict[str, _Running[T]] = {}
        self._lock = Lock()

    def ask(self, name: str, work: Callable[[], T]) -> T | None:
        """None: it goes on."""
        with self._lock:
            running = self._running.get(name)
            if running is None:
                if len(self._running) >= MOST:
                    return None
                running = self._running[name] = _Running()
                DaemonThread(lambda: self._run(name, running, work), "soon").start()
        return running.found if running.done.wait(self._moment) else None

    def _run(self, name: str, running: _Running[T], work: Callable[[], T]) -> None:
        try:
            running.found = work()
        except Exception:  # noqa: BLE001 - whoever waits for it has to be told
            _log.exception("what a page asked for raised unexpectedly")
        finally:
            with self._lock:
                del self._running[name]
            running.done.set()
