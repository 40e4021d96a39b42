"""One lane after the other, claim by claim, until nothing waits in it or it has to wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import structlog

from worker.access import Access
from worker.delivery.lane import Lane
from worker.delivery.setbacks import Setbacks
from worker.errors import LeaseLost, RelayError
from worker.hand import Hand
from worker.settings import Connection, Settings
from worker.store import connections, lanes
from worker.store.engine import Store
from worker.store.lanes import Claim

DATABASE_AWAY = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Runs lanes.

    `open_access` connects a claim to Upsales and to the ledger. Once it is `stopping`, nothing new is begun.
    """

    store: Store
    settings: Settings
    owner: str
    open_access: Callable[[Connection, Claim], Access]
    stopping: Callable[[], bool]
    hand: Hand
    setbacks: Setbacks

    def run(self, connection: str, subject: str) -> None:
        """Deliver what waits in the lane, until nothing does or it has to wait. A lane owned by another is left to it."""
        configured = self.settings.connections.get(connection)
        if configured is None:
            log.warning("no such connection in the settings: its events wait", connection=connection)
            return
        going_on = True
        while going_on and not self.stopping() and self._runs(connection):
            going_on = self._next_claim(configured, subject)

    def leave(self) -> None:
        """The process ends now. Others take what it has in hand; lanes that it may be writing for wait, as after a death."""
        for claim in self.hand.leave():
            self.setbacks.ring(claim, claim.events[0], 0.0)

    def _runs(self, connection: str) -> bool:
        with self.store.read() as conn:
            return connections.get(conn, connection).runs

    def _next_claim(self, connection: Connection, subject: str) -> bool:
        """Claim the lane and work it off. Whether more may wait in it."""
        delivery = self.settings.delivery
        with ExitStack() as held:
            mine = self.hand.suspect.acquire(blocking=False)
            if mine:
                held.callback(self.hand.suspect.release)
            claim = lanes.claim(
                self.store, connection.name, subject, self.owner, delivery.lease, delivery.batch, suspects=mine
            )
            if claim is None:
                return False
            if not claim.suspect:
                held.close()
            return self._work(connection, claim)

    def _work(self, connection: Connection, claim: Claim) -> bool:
        """Whether the lane was worked off and may hold more."""
        try:
            with self.hand.holding(claim):
                return self._lane(connection, claim).work()
        except LeaseLost:
            log.info("lane was taken over", connection=connection.name)
            return False
        except RelayError:
            self.hand.give_back(claim, DATABASE_AWAY)
            raise

    def _lane(self, connection: Connection, claim: Claim) -> Lane:
        return Lane(
            store=self.store,
            settings=self.settings,
            open_access=self.open_access,
            stopping=self.stopping,
            setbacks=self.setbacks,
            connection=connection,
            claim=claim,
        )
