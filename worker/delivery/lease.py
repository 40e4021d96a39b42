"""Keeps the lease of a claimed lane while its reads take long."""

from __future__ import annotations

import time
from collections.abc import Callable

from worker.store import Store
from worker.store.lanes.lanes import Fence, guard

MARGIN = 5.0
"""Seconds by which the lease outlives the read that is about to be made."""


class LeaseKeeper:
    """Called before each read of a claim. Writes keep the lease by themselves.

    `lease` and `call`: seconds that a lane is claimed for, and that one call takes at the most.
    """

    def __init__(
        self, store: Store, fence: Fence, *, lease: float, call: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._fence = fence
        self._seconds = max(lease, call + MARGIN)
        # A fast read costs no transaction.
        self._renew_after = min(lease / 3, max(lease - call - MARGIN, 0.0))
        self._clock = clock
        self._kept_at = clock()

    def __call__(self) -> None:
        """Raises LeaseLost when another worker has taken the lane."""
        if self._clock() - self._kept_at < self._renew_after:
            return
        with self._store.write() as conn:
            guard(conn, self._fence, self._seconds)
        self._kept_at = self._clock()
