"""Rechecks the calls of a connection whose outcome was unknown, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from structlog.contextvars import bound_contextvars

from worker.delivery.retry import next_recheck_after
from worker.errors import CreateUnsettled, Failure, LeaseLost, NeedsReview, Refused, Rejected, Throttled, Waiting
from worker.plan import QualifiedKey
from worker.settings import Settings
from worker.store import Store
from worker.store.events import traces
from worker.store.lanes import connections
from worker.store.lanes.lanes import Fence
from worker.store.ledger import rechecks
from worker.sync.context import Access
from worker.sync.create import DAY, DECIDE
from worker.sync.recheck import RecheckResult, recheck
from worker.tracing import NO_TRACER, Tracer

log = structlog.get_logger()

AT_ONCE = 20
LONGEST = 30.0
"""Seconds after which no further recheck is begun."""
AGAIN = 30.0
"""Seconds until a recheck that could not be made is tried again, at the most; the next time it is twice that."""


@dataclass(frozen=True, slots=True)
class Rechecks:
    """`open_access` connects a call to Upsales and to the ledger, behind the fence of a lane of its own."""

    store: Store
    settings: Settings
    owner: str
    open_access: Callable[[rechecks.Due, Fence], Access]
    clock: Callable[[], float] = time.monotonic
    tracer: Tracer = NO_TRACER

    def run(self, connection: str) -> None:
        """Those of one connection, one after the other. Not for long: what is left is called for again.

        Those that may write are made while it runs.
        """
        until = self.clock() + LONGEST
        runs = self._runs(connection)
        with self.store.read() as conn:
            due = rechecks.due(conn, connection, AT_ONCE, runs=runs, patience=self.settings.upsales.patience)
        for found in due:
            if self.clock() >= until or self._runs(connection) != runs:
                return
            with self._in_its_trace(found):
                self._recheck(found)

    def _runs(self, connection: str) -> bool:
        with self.store.read() as conn:
            return connection in self.settings.connections and connections.get(conn, connection).runs

    @contextmanager
    def _in_its_trace(self, found: rechecks.Due) -> Iterator[None]:
        """Of the event that the call was made for, while that is kept."""
        event = found.recheck.event
        with self.store.read() as conn:
            trace = None if event is None else traces.trace(conn, event)
        if trace is None:
            yield
            return
        told = {"relay.event.id": event, "relay.connection": found.connection}
        with bound_contextvars(id=event, trace_id=trace.trace_id), self.tracer.span("recheck", told, of=trace):
            yield

    def _recheck(self, found: rechecks.Due) -> None:
        fence = rechecks.take(self.store, found, self.owner, self._seconds)
        if fence is None:
            return
        call, connection = found.recheck.call, found.connection
        try:
            result = recheck(self._access(found, fence), found.recheck)
        except LeaseLost:
            return
        except (Refused, Rejected, NeedsReview) as failure:
            rechecks.report(self.store, call, _question(found, failure))
            log.warning("a person must look at a call", connection=connection, call=call, reason=failure.code)
            return
        except Failure as failure:
            seconds, counts = next_recheck_after(failure, found.failed, self._pause)
            rechecks.again(self.store, call, seconds, counts=counts)
            if not isinstance(failure, Throttled):
                log.warning("a recheck failed", connection=connection, call=call, reason=failure.code)
            return
        rechecks.leave(self.store, fence)
        if result is not RecheckResult.IN_ORDER:
            log.warning("what a call did was found late", connection=connection, call=call, result=str(result))

    def _access(self, found: rechecks.Due, fence: Fence) -> Access:
        """Raises NeedsReview when no key could be had for as long as anything is tried."""
        try:
            return self.open_access(found, fence)
        except Failure as failure:
            key, give_up = found.recheck.key, self.settings.delivery.give_up
            if key is None or found.age < give_up or isinstance(failure, Waiting):
                raise
            raise CreateUnsettled(
                f"a create of {key.resource} {key.id!r} got no answer, and for {give_up / DAY:g} days no key could look for"
                f" it ({failure}): {DECIDE}, or `relay connections settle {found.connection}`",
                key=QualifiedKey.of(found.connection, key),
            ) from None

    @property
    def _seconds(self) -> float:
        return 3 * self.settings.upsales.call_timeout + self._pause

    @property
    def _pause(self) -> float:
        return min(AGAIN, self.settings.upsales.commit_horizon)


def _question(found: rechecks.Due, failure: Failure) -> NeedsReview:
    """What a person has to look at, and why."""
    if isinstance(failure, NeedsReview):
        return failure
    recheck, key = found.recheck, found.recheck.key
    if key is None:
        what = f"what an update of {recheck.resource} {recheck.record_id} did could not be put right"
    else:
        what = f"whether {key.resource} {key.id!r} was made twice could not be found out"
    return NeedsReview(
        f"{what}: {failure}. Look at it in Upsales.",
        key=None if key is None else QualifiedKey.of(found.connection, key),
        candidates=() if recheck.record_id is None else (recheck.record_id,),
    )
