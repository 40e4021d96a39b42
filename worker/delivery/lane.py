"""Claims a lane and works it off: reads for its events, plans, executes, ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from traceback import extract_tb

import structlog

from worker.delivery.asking import Readers, no_reader
from worker.delivery.batch import Executed, execute_together
from worker.delivery.claim_log import ClaimLog, Telling
from worker.delivery.claims import ActiveClaims
from worker.delivery.failures import Failures
from worker.delivery.fetching import Fetched, Fetching
from worker.delivery.planning import StoredRequests, planned
from worker.errors import Failure, LeaseLost, RelayError, Stopping, Unauthorized, Unavailable
from worker.sdk.route import named
from worker.settings import Connection, Settings
from worker.store.db.engine import Store
from worker.store.events.events import WaitingEvent
from worker.store.events.outcomes import Outcome, release
from worker.store.lanes import lanes
from worker.store.lanes.lanes import Claim
from worker.sync.context import Access
from worker.sync.fold import Planned
from worker.sync.result import Result
from worker.sync.run import run

DATABASE_AWAY = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Runs lanes.

    `open_access` connects a claim to Upsales and to the ledger, behind live events or not, `readers` to the API of its sender. Once it is `stopping`, nothing new is
    begun.
    """

    store: Store
    settings: Settings
    owner: str
    open_access: Callable[[Connection, Claim, bool], Access]
    stopping: Callable[[], bool]
    active: ActiveClaims
    failures: Failures
    telling: Telling = field(default_factory=Telling)
    readers: Readers = no_reader

    def run(self, connection: str, subject: str, over: Callable[[], bool] = lambda: False) -> Sequence[str]:
        """Deliver what waits in the lane, until nothing does or it has to wait. A lane owned by another is left to it.

        Between two claims it ends when its turn is `over`: the lane is due, and rung again. Answers the events that were claimed.
        """
        claimed: list[str] = []
        configured = self.settings.connections.get(connection)
        if configured is None:
            log.warning("no such connection in the settings: its events wait", connection=connection)
            return claimed
        while not self.stopping() and self._next_claim(configured, subject, claimed) and not over():
            pass
        return claimed

    def leave(self) -> None:
        """The process ends now. Others take what it has in hand; lanes that it may be writing for wait, as after a death."""
        for claim in self.active.leave():
            self.failures.ring(claim, claim.events[0], 0.0)

    def _next_claim(self, connection: Connection, subject: str, claimed: list[str]) -> bool:
        """Claim the lane and work it off; `claimed` gets its events. Whether more may wait in it."""
        delivery = self.settings.delivery
        with ExitStack() as held:
            mine = self.active.suspect.acquire(blocking=False)
            if mine:
                held.callback(self.active.suspect.release)
            claim = lanes.claim(
                self.store, connection.name, subject, self.owner, delivery.lease, delivery.batch, suspects=mine
            )
            if claim is None:
                return False
            claimed += [event.id for event in claim.events]
            if not claim.suspect:
                held.close()
            return self._work(_Lane(self, connection, claim, self.telling.of(claim)))

    def _work(self, lane: _Lane) -> bool:
        """Whether the lane was worked off and may hold more."""
        try:
            with self.active.holding(lane.claim):
                return lane.work()
        except LeaseLost:
            log.info("lane was taken over", connection=lane.connection.name)
            return False
        except RelayError:
            self.active.give_back(lane.claim, DATABASE_AWAY)
            raise


@dataclass(frozen=True, slots=True)
class _Lane:
    """One claim of a lane, while it is worked off."""

    delivery: Delivery
    connection: Connection
    claim: Claim
    told: ClaimLog

    def work(self) -> bool:
        """Read for its events, plan, fold and execute them. Whether that is done, and more came in or was beyond the batch."""
        try:
            requests = StoredRequests(self.delivery.store, self.connection.connector, self.claim.events)
            with self.told.working(requests.traces()):
                return self._deliver(requests)
        except RelayError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an event sets off concerns this event only
            return self._bury(error)

    def _deliver(self, requests: StoredRequests) -> bool:
        store, claim = self.delivery.store, self.claim
        fetched = self._fetch(requests)
        with self.told.tracer.span("plan"):
            most = self.delivery.settings.delivery.claims
            plans, ended = planned(store, self.connection, fetched.ready, most, requests)
        done = self._execute(plans, behind=requests.behind) if plans else Executed()
        self.told.spent(done.calls, done.records, fetched.reads)
        outcomes = [*fetched.outcomes, *ended, *done.outcomes]
        if done.failure is not None:
            return self._put_off(done.failure, [claim.event(each.event) for each in done.left], outcomes)
        if fetched.failure is not None:
            return self._put_off(fetched.failure, fetched.left, outcomes)
        worked_off = release(store, claim, outcomes, answered=done.answered)
        self.told.ended(outcomes)
        return not worked_off

    def _fetch(self, requests: StoredRequests) -> Fetched:
        if not requests.fetches:
            return Fetched(self.claim.events)
        delivery, settings = self.delivery, self.delivery.settings.delivery
        with self.told.tracer.span("fetch"):
            return Fetching(
                delivery.store,
                self.connection,
                self.claim,
                requests,
                delivery.readers,
                delivery.stopping,
                lease=settings.lease,
                claims=settings.claims,
            ).run()

    def _execute(self, plans: Sequence[Planned], *, behind: bool) -> Executed:
        try:
            access = self._access(behind=behind)
        except Failure as failure:
            return Executed(failure=failure, left=plans)
        done = execute_together(plans, partial(self._run, access), self.delivery.settings.delivery.keep_early)
        calls, records = access.spent()
        return replace(done, answered=access.answered(), calls=calls, records=records)

    def _access(self, *, behind: bool) -> Access:
        """Nothing that goes wrong here is an event's fault."""
        try:
            return self.delivery.open_access(self.connection, self.claim, behind)
        except RelayError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            self._log("a connection raised unexpectedly", error)
            raise Unavailable(f"the connection can't be used: {named(error)}") from None

    def _run(self, access: Access, plans: Sequence[Planned]) -> Result:
        if self.delivery.stopping():
            raise Stopping
        return run(access, plans, recreate_deleted=self.delivery.settings.upsales.recreate_deleted)

    def _put_off(self, failure: Failure, left: Sequence[WaitingEvent], outcomes: Sequence[Outcome]) -> bool:
        if isinstance(failure, Unauthorized) and self.delivery.stopping():
            # To find out what it means takes a call.
            failure = Stopping()
        return self.delivery.failures.put_off(self.connection, self.claim, failure, left, outcomes, self.told)

    def _bury(self, error: Exception) -> bool:
        """End the event that set it off. One of several: each is tried alone before that. A call of it is left open, as after a death."""
        self._log("a delivery raised unexpectedly", error)
        store, claim = self.delivery.store, self.claim
        if len(claim.events) > 1:
            return not release(store, claim, suspects=True)
        outcome = Outcome(claim.events[0].id, "dead", f"its delivery raised {named(error)}", code="raised")
        worked_off = release(store, claim, [outcome])
        self.told.spent(None, None)
        self.told.ended([outcome])
        return not worked_off

    def _log(self, what: str, error: Exception) -> None:
        """Where it was raised, from the outside in. Not its text: it may hold what the sender wrote."""
        at = [f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in extract_tb(error.__traceback__)]
        log.error(what, connection=self.connection.name, error=named(error), at=at, **self.told.names())
