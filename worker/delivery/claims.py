"""Keeps the claims that this process works on, and gives back those it can't finish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, Timer

from worker.store import Store, StoreUnavailable
from worker.store.events import outcomes
from worker.store.lanes.lanes import Claim, Fence

AGAIN = 1.0
"""Seconds from when the database is away to the next try to give back what is owed."""


@dataclass(frozen=True, slots=True)
class ActiveClaims:
    """Safe to share between threads. `suspect` is held by the one that works on an event which may kill us all."""

    store: Store
    suspect: Lock = field(default_factory=Lock, init=False)
    _claims: dict[Fence, Claim] = field(default_factory=dict, init=False)
    _owed: list[tuple[Claim, float]] = field(default_factory=list, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    @contextmanager
    def holding(self, claim: Claim) -> Iterator[None]:
        fence = claim.fence
        with self._lock:
            self._claims[fence] = claim
        try:
            yield
        finally:
            with self._lock:
                del self._claims[fence]

    def give_back(self, claim: Claim, seconds: float) -> bool:
        """As if it had never been claimed: the lane comes again in so many seconds. False when it doesn't: not yet, as the database is away, or not by us."""
        try:
            return outcomes.take_back(self.store, claim, seconds)
        except StoreUnavailable:
            self._owe(claim, seconds)
            return False

    def settle(self) -> None:
        """Give back what could not be given back while the database was away."""
        with self._lock:
            owed = self._owed.copy()
            self._owed.clear()
        for claim, seconds in owed:
            self.give_back(claim, seconds)

    def leave(self) -> Sequence[Claim]:
        """Give back all that is still in hand. Answers the claims whose lanes anybody can take now."""
        with self._lock:
            claims = tuple(self._claims.values())
        return [claim for claim in claims if self.give_back(claim, 0.0)]

    def _owe(self, claim: Claim, seconds: float) -> None:
        with self._lock:
            self._owed.append((claim, seconds))
            if len(self._owed) == 1:
                timer = Timer(AGAIN, self.settle)
                timer.daemon = True
                timer.start()
