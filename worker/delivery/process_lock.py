"""Keeps the threads of one process from doing one thing twice at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class ProcessLock:
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._names: set[str] = set()

    @contextmanager
    def only_here(self, name: str) -> Iterator[bool]:
        """Whether nobody else is at it; then nobody else gets to it before this ends."""
        with self._lock:
            free = name not in self._names
            self._names.add(name)
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._names.discard(name)
