"""Claims a lane and works it off: plans its events, folds them, executes and ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from traceback import extract_tb

import structlog

from worker.delivery.claims import ActiveClaims
from worker.delivery.failures import Failures
from worker.delivery.planning import planned
from worker.errors import Failure, LeaseLost, NeedsReview, Refused, Rejected, RelayError, Stopping, Unavailable
from worker.sdk.route import named
from worker.settings import Connection, Settings
from worker.store.db.engine import Store
from worker.store.events.outcomes import Outcome, release
from worker.store.lanes import connections, lanes
from worker.store.lanes.lanes import Claim
from worker.sync.context import Access
from worker.sync.executor import Result, execute
from worker.sync.fold import Planned, fold

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The fields are those of Delivery, for this `claim`."""

    store: Store
    settings: Settings
    open_access: Callable[[Connection, Claim], Access]
    stopping: Callable[[], bool]
    failures: Failures
    connection: Connection
    claim: Claim

    def work(self) -> bool:
        """Whether the claim was worked off; the lane is then free or claimed again for what came in."""
        try:
            return self._deliver()
        except RelayError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an event sets off concerns this event only
            return self._bury(error)

    def _deliver(self) -> bool:
        events, most_claims = self.claim.events, self.settings.delivery.claims
        plans, outcomes = planned(self.store, self.connection, events, most_claims)
        try:
            if plans:
                outcomes += self._execute(self._access(), plans)
        except _CutShort as cut:
            return self._wait(cut.failure, cut.left, outcomes + cut.outcomes)
        except Failure as failure:
            return self._wait(failure, plans, outcomes)
        connections.breaker_succeeded(self.store, self.connection.name)
        return not release(self.store, self.claim, outcomes)

    def _access(self) -> Access:
        """Nothing that goes wrong here is an event's fault."""
        try:
            return self.open_access(self.connection, self.claim)
        except RelayError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            self._log("a connection raised unexpectedly", error)
            raise Unavailable(f"the connection can't be used: {named(error)}") from None

    def _execute(self, access: Access, plans: Sequence[Planned]) -> list[Outcome]:
        """All events as one; where that is refused, one by one, so that a bad event doesn't bury its neighbours."""
        try:
            result = self._run(access, plans)
        except (Rejected, Refused, NeedsReview) as failure:
            if len(plans) > 1:
                return self._one_by_one(access, plans)
            return [self.failures.ended(failure, self.claim.event(plans[0].event))]
        return [_ended(each, result) for each in plans]

    def _one_by_one(self, access: Access, plans: Sequence[Planned]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for number, each in enumerate(plans):
            try:
                outcomes += self._execute(access, [each])
            except Failure as failure:
                raise _CutShort(failure, plans[number:], outcomes) from None
        return outcomes

    def _run(self, access: Access, plans: Sequence[Planned]) -> Result:
        if self.stopping():
            raise Stopping
        return execute(access, fold(plans), recreate_deleted=self.settings.upsales.recreate_deleted)

    def _wait(self, failure: Failure, plans: Sequence[Planned], outcomes: Sequence[Outcome]) -> bool:
        left = [self.claim.event(each.event) for each in plans]
        return self.failures.put_off(self.connection, self.claim, failure, left, outcomes)

    def _bury(self, error: Exception) -> bool:
        """End the event that set it off. One of several: each is tried alone before that. A call of it is left open, as after a death."""
        self._log("a delivery raised unexpectedly", error)
        if len(self.claim.events) > 1:
            return not release(self.store, self.claim, suspects=True)
        outcome = Outcome(self.claim.events[0].id, "dead", f"its delivery raised {named(error)}")
        return not release(self.store, self.claim, [outcome])

    def _log(self, what: str, error: Exception) -> None:
        """Where it was raised, from the outside in. Not its text: it may hold what the sender wrote."""
        at = [f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in extract_tb(error.__traceback__)]
        log.error(what, connection=self.connection.name, error=named(error), at=at)


class _CutShort(Exception):
    """A run one by one ended early: what ended before it, and what is left."""

    def __init__(self, failure: Failure, left: Sequence[Planned], outcomes: list[Outcome]) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.left = left
        self.outcomes = outcomes


def _ended(each: Planned, result: Result) -> Outcome:
    if each.event in result.effective:
        return Outcome(each.event, "delivered", None)
    if all(upsert.key in result.deleted for upsert in each.plan):
        return Outcome(each.event, "ignored", "its record was deleted in Upsales by a person")
    return Outcome(each.event, "superseded", "nothing of it was left to write")


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
    active: ActiveClaims
    failures: Failures

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
        for claim in self.active.leave():
            self.failures.ring(claim, claim.events[0], 0.0)

    def _runs(self, connection: str) -> bool:
        with self.store.read() as conn:
            return connections.get(conn, connection).runs

    def _next_claim(self, connection: Connection, subject: str) -> bool:
        """Claim the lane and work it off. Whether more may wait in it."""
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
            if not claim.suspect:
                held.close()
            return self._work(connection, claim)

    def _work(self, connection: Connection, claim: Claim) -> bool:
        """Whether the lane was worked off and may hold more."""
        try:
            with self.active.holding(claim):
                return self._lane(connection, claim).work()
        except LeaseLost:
            log.info("lane was taken over", connection=connection.name)
            return False
        except RelayError:
            self.active.give_back(claim, DATABASE_AWAY)
            raise

    def _lane(self, connection: Connection, claim: Claim) -> Lane:
        return Lane(
            store=self.store,
            settings=self.settings,
            open_access=self.open_access,
            stopping=self.stopping,
            failures=self.failures,
            connection=connection,
            claim=claim,
        )
