"""Tells whether webhooks can be stored, as the last commits showed.

While none comes, a probe shows it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock, Thread

from worker.errors import RelayError
from worker.store import StoreUnavailable

IDLE = 5.0
"""Seconds for which a commit that succeeded speaks for the next."""
PATIENCE = 2.0


class Commits:
    """`probe` writes as a webhook does, and raises what that does. It gets `patience` seconds; what hangs longer has failed."""

    def __init__(
        self,
        probe: Callable[[], None],
        *,
        now: Callable[[], float] = time.monotonic,
        idle: float = IDLE,
        patience: float = PATIENCE,
    ) -> None:
        self._probe = probe
        self._now = now
        self._idle = idle
        self._patience = patience
        self._error: RelayError | None = None
        self._good_until = float("-inf")
        self._probing: Thread | None = None
        self._lock = Lock()

    def ended(self, error: Exception | None) -> None:
        """A commit succeeded, or failed so."""
        if error is None:
            self._error, self._good_until = None, self._now() + self._idle
        else:
            self._error = error if isinstance(error, RelayError) else StoreUnavailable(type(error).__name__)
            self._good_until = float("-inf")

    def check(self) -> None:
        """Raises why the last commit failed."""
        if self._now() < self._good_until:
            return
        with self._lock:
            if self._probing is None or not self._probing.is_alive():
                self._probing = Thread(target=self._try, name="probe", daemon=True)
                self._probing.start()
            self._probing.join(self._patience)
            if self._probing.is_alive():
                self.ended(StoreUnavailable(f"The database did not take a probe within {self._patience:g} s."))
        if self._error is not None:
            raise self._error

    def _try(self) -> None:
        try:
            self._probe()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing can be stored
            self.ended(error)
        else:
            self.ended(None)
