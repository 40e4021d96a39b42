"""Stores what a stream told, with its offsets, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from worker.sources.stream.failures import StreamUnlike
from worker.sources.stream.ports import Committed, Stop
from worker.store import Store, StoreUnavailable
from worker.store.events.arrival import Arrival, Receipt
from worker.store.events.intake import accept
from worker.store.streams import leases, offsets
from worker.store.streams.leases import Lease

AGAIN = 1.0

log = structlog.get_logger()


class Stopped(Exception):
    """The process was told to end."""


@dataclass(frozen=True, slots=True)
class Intake:
    """While the database is away it waits, and nothing more is read: the sender keeps what it could not tell yet."""

    store: Store
    stop: Stop
    committed: Committed

    def take(
        self, lease: Lease, arrivals: Sequence[Arrival], told: Mapping[str, str], covered: Sequence[str]
    ) -> Sequence[Receipt]:
        """All of it or nothing. `covered`: the connections of which the stream tells: each has heard all up to these offsets.

        Raises LeaseLost, StreamUnlike, or Stopped with nothing stored.
        """
        told_of = False
        while True:
            try:
                receipts = self._take(lease, arrivals, told, covered)
            except StoreUnavailable as error:
                if not told_of:
                    log.warning("a stream waits for the database", connection=lease.connection, reason=str(error))
                told_of = True
                if self.stop.wait(AGAIN):
                    raise Stopped from None
            else:
                self.committed(receipts)
                return receipts

    def _take(
        self, lease: Lease, arrivals: Sequence[Arrival], told: Mapping[str, str], covered: Sequence[str]
    ) -> Sequence[Receipt]:
        try:
            with self.store.write() as conn:
                leases.heard(conn, lease)
                receipts = accept(conn, arrivals) if arrivals else ()
                for connection in covered:
                    offsets.put(conn, connection, told)
                return receipts
        except (SQLAlchemyError, ValueError, TypeError, OverflowError) as error:
            cause = getattr(error, "orig", None) or error
            raise StreamUnlike(f"the database does not take a value of it ({type(cause).__name__})") from None
