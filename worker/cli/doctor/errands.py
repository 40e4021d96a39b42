"""Runs what may hang in threads of its own, and waits only so long for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from worker.errors import RelayError

T = TypeVar("T")


class TooSlow(RelayError):
    """Nothing came within its time. It may still come; nobody waits for it, not even the end of the process."""


class Errand(Generic[T]):
    """Begins at once. `seconds`: how long it may take, from now on."""

    def __init__(self, ask: Callable[[], T], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._found: list[T] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> T:
        """Raises what the errand raised, or TooSlow."""
        self._thread.join(max(self._until - time.monotonic(), 0.0))
        if self._error is not None:
            raise self._error
        if not self._found:
            raise TooSlow(f"no answer within {self._seconds:g} s")
        return self._found[0]

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Until it is done, or its time is over."""
        self._thread.join(max(self._until - time.monotonic(), 0.0))

    def _run(self) -> None:
        try:
            self._found.append(self._ask())
        except Exception as error:  # noqa: BLE001 - it belongs to who waits for it
            self._error = error
