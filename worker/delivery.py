"""One lane, from claim to record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from traceback import extract_tb
from typing import Literal

import structlog

from worker.coalesce import Planned, fold
from worker.contents import Requests
from worker.errors import (
    Failure,
    LeaseLost,
    NeedsReview,
    OutcomeUnknown,
    Refused,
    Rejected,
    RelayError,
    Stopping,
    Throttled,
    Unauthorized,
    Unavailable,
)
from worker.executor import Result, execute
from worker.finding import Access
from worker.hand import Hand
from worker.plan import Ignored
from worker.reading import BadBody, named, plan_event
from worker.retries import Ask, Bury, Later, Next, Patience, Pause, after, persistent
from worker.settings import Connection, Settings
from worker.store import connections, lanes
from worker.store.engine import Store
from worker.store.lanes import Claim, Outcome, Waiting
from worker.wakeups import Wakeup

DATABASE_AWAY = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Runs lanes.

    `open_access` connects a claim to Upsales and to the ledger. `judge` tells what a rejected key means, and pauses the
    connection where it must. `short` is told when a connection's calls are used up, and
    for how many seconds. `ring_in` wakes a worker for an event in so many seconds. `chance` answers numbers in [0, 1).
    Once it is `stopping`, nothing new is begun.
    """

    store: Store
    settings: Settings
    owner: str
    open_access: Callable[[Connection, Claim], Access]
    judge: Callable[[Connection, Unauthorized], Failure]
    short: Callable[[str, float], None]
    ring_in: Callable[[Wakeup, float], None]
    chance: Callable[[], float]
    stopping: Callable[[], bool]
    hand: Hand

    def run(self, connection: str, subject: str) -> None:
        """Deliver what waits in the lane, until nothing does or it has to wait. A lane owned by another is left to it."""
        configured = self.settings.connections.get(connection)
        if configured is None:
            log.warning("no such connection in the settings: its events wait", connection=connection)
            return
        while not self.stopping() and self._runs(connection) and self._goes_on(configured, subject):
            """Each round is one claim."""

    def leave(self) -> None:
        """The process ends now. Others take what it has in hand; lanes that it may be writing for wait, as after a death."""
        for claim in self.hand.leave():
            self.ring(claim, claim.events[0], 0.0)

    def _goes_on(self, connection: Connection, subject: str) -> bool:
        """Claim the lane and work it off. Whether more may wait in it."""
        delivery = self.settings.delivery
        mine = self.hand.suspect.acquire(blocking=False)
        try:
            claim = lanes.claim(
                self.store, connection.name, subject, self.owner, delivery.lease, delivery.batch, suspects=mine
            )
            if claim is None:
                return False
            if mine and not claim.suspect:
                self.hand.suspect.release()
                mine = False
            return self._work(connection, claim)
        finally:
            if mine:
                self.hand.suspect.release()

    def _runs(self, connection: str) -> bool:
        with self.store.read() as conn:
            return connections.get(conn, connection).runs

    def _work(self, connection: Connection, claim: Claim) -> bool:
        """Whether the lane was worked off and may hold more."""
        try:
            with self.hand.holding(claim):
                return _Lane(self, connection, claim).work()
        except LeaseLost:
            log.info("lane was taken over", connection=connection.name)
            return False
        except RelayError:
            self.hand.give_back(claim, DATABASE_AWAY)
            raise

    def ring(self, claim: Claim, event: Waiting, seconds: float) -> None:
        self.ring_in(Wakeup(event.id, claim.connection, event.type, event.priority), seconds)


@dataclass(slots=True)
class _Lane:
    """One claim of one lane."""

    delivery: Delivery
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
        planned, outcomes = self._plan()
        try:
            if planned:
                outcomes += self._execute(self._access(), planned)
        except _Stopped as stopped:
            return self._wait(stopped.failure, stopped.left, outcomes + stopped.outcomes)
        except Failure as failure:
            return self._wait(failure, planned, outcomes)
        return self._finish(outcomes)

    def _bury(self, error: Exception) -> bool:
        """End the event that set it off. One of several: each is tried alone before that. A call of it is left open, as after a death."""
        self._log("a delivery raised unexpectedly", error)
        if len(self.claim.events) > 1:
            return not lanes.release(self.delivery.store, self.claim, suspects=True)
        outcome = Outcome(self.claim.events[0].id, "dead", f"its delivery raised {named(error)}")
        return not lanes.release(self.delivery.store, self.claim, [outcome])

    def _access(self) -> Access:
        """Nothing that goes wrong here is an event's fault."""
        try:
            return self.delivery.open_access(self.connection, self.claim)
        except RelayError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            self._log("a connection raised unexpectedly", error)
            raise Unavailable(f"the connection can't be used: {named(error)}") from None

    def _log(self, what: str, error: Exception) -> None:
        """Where it was raised, from the outside in. Not its text: it may hold what the sender wrote."""
        at = [f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in extract_tb(error.__traceback__)]
        log.error(what, connection=self.connection.name, error=named(error), at=at)

    def _plan(self) -> tuple[list[Planned], list[Outcome]]:
        planned: list[Planned] = []
        outcomes: list[Outcome] = []
        requests = Requests(self.delivery.store, self.connection.connector, self.claim.events)
        for waiting in self.claim.events:
            found = self._planned(waiting, requests)
            if isinstance(found, Outcome):
                outcomes.append(found)
            else:
                planned.append(found)
        return planned, outcomes

    def _planned(self, waiting: Waiting, requests: Requests) -> Planned | Outcome:
        if waiting.claims > self.delivery.settings.delivery.claims:
            return Outcome(waiting.id, "dead", f"its worker stopped {waiting.claims - 1} times without an outcome")
        try:
            event = requests.event(waiting, self.connection.name)
            plan = plan_event(self.connection.connector, self.connection.settings, event)
        except (Rejected, BadBody) as failure:
            return Outcome(waiting.id, "dead", str(failure))
        if isinstance(plan, Ignored):
            return Outcome(waiting.id, "ignored", plan.rule)
        if not plan:
            return Outcome(waiting.id, "ignored", "its plan is empty")
        return Planned(event=waiting.id, time=waiting.time, seq=waiting.seq, connection=self.connection.name, plan=plan)

    def _execute(self, access: Access, planned: Sequence[Planned]) -> list[Outcome]:
        """All events as one; where that is refused, one by one, so that a bad event doesn't bury its neighbours."""
        try:
            result = self._run(access, planned)
        except (Rejected, Refused, NeedsReview) as failure:
            if len(planned) == 1:
                return [_outcome(planned[0].event, self._next(failure, planned[0].event))]
            return self._one_by_one(access, planned)
        return [_ended(each, result) for each in planned]

    def _one_by_one(self, access: Access, planned: Sequence[Planned]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for number, each in enumerate(planned):
            try:
                outcomes += self._execute(access, [each])
            except Failure as failure:
                raise _Stopped(failure, planned[number:], outcomes) from None
        return outcomes

    def _run(self, access: Access, planned: Sequence[Planned]) -> Result:
        if self.delivery.stopping():
            raise Stopping
        return execute(access, fold(planned), recreate_deleted=self.delivery.settings.upsales.recreate_deleted)

    def _finish(self, outcomes: Sequence[Outcome]) -> bool:
        store = self.delivery.store
        connections.succeeded(store, self.connection.name)
        return not lanes.release(store, self.claim, outcomes)

    def _wait(self, failure: Failure, left: Sequence[Planned], outcomes: Sequence[Outcome]) -> bool:
        """Put the lane off. Events that were tried for long enough end here; the others wait together."""
        if isinstance(failure, Unauthorized):
            failure = Stopping() if self.delivery.stopping() else self.delivery.judge(self.connection, failure)
        nexts = {each.event: self._next(failure, each.event) for each in left}
        ended = [_outcome(event, found) for event, found in nexts.items() if isinstance(found, Bury | Ask)]
        waits = [found for found in nexts.values() if isinstance(found, Later | Pause)]
        if not waits:
            return not lanes.release(self.delivery.store, self.claim, [*outcomes, *ended])
        self._put_off(failure, waits[0], [*outcomes, *ended])
        return False

    def _put_off(self, failure: Failure, found: Later | Pause, outcomes: Sequence[Outcome]) -> None:
        delivery, name = self.delivery, self.connection.name
        paused = isinstance(found, Pause)
        server_error = self._server_error() if persistent(failure) else None
        if isinstance(found, Pause) or isinstance(failure, Stopping):
            found = Later(0.0, self.claim.attempts, found.reason)
        elif isinstance(failure, Throttled):
            delivery.short(name, found.seconds)
        elif down(failure):
            self._count_against_the_breaker()
        lanes.defer(
            delivery.store,
            self.claim,
            seconds=found.seconds,
            attempts=found.attempts,
            reason=found.reason,
            failing=counts(failure),
            server_error=server_error,
            outcomes=outcomes,
        )
        if paused:
            return
        ended = {outcome.event for outcome in outcomes}
        first = next(event for event in self.claim.events if event.id not in ended)
        delivery.ring(self.claim, first, found.seconds)

    def _server_error(self) -> Literal["counts", "stays"]:
        """While nothing else succeeds either, it is not about this event."""
        with self.delivery.store.read() as conn:
            state = connections.get(conn, self.connection.name)
        return "stays" if state.breaks or self.claim.subject in (state.failing or ()) else "counts"

    def _count_against_the_breaker(self) -> None:
        settings, name = self.delivery.settings.delivery, self.connection.name
        opened = connections.failed(
            self.delivery.store,
            name,
            self.claim.subject,
            lanes=settings.breaker_lanes,
            seconds=settings.breaker_pause,
        )
        if opened:
            log.warning("breaker opened: Upsales does not answer this connection", connection=name)

    def _next(self, failure: Failure, event: str) -> Next:
        waiting = next(each for each in self.claim.events if each.id == event)
        settings = self.delivery.settings.delivery
        patience = Patience(settings.retry_first, settings.retry_longest, settings.give_up, settings.server_error_tries)
        return after(failure, waiting.attempts, patience, self.delivery.chance(), server_errors=waiting.server_errors)


class _Stopped(Exception):
    """A run one by one was stopped: what ended before it, and what is left."""

    def __init__(self, failure: Failure, left: Sequence[Planned], outcomes: list[Outcome]) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.left = left
        self.outcomes = outcomes


def counts(failure: Failure) -> bool:
    """Whether a failure is an attempt: Upsales was asked and did not do it."""
    return isinstance(failure, Unavailable) or (isinstance(failure, OutcomeUnknown) and not failure.looking)


def down(failure: Failure) -> bool:
    """Whether the breaker counts a failure: also one to look for what a create did, which is no attempt of the event's."""
    return counts(failure) or (isinstance(failure, OutcomeUnknown) and failure.unavailable)


def _outcome(event: str, found: Next) -> Outcome:
    return Outcome(event, "review" if isinstance(found, Ask) else "dead", found.reason)


def _ended(planned: Planned, result: Result) -> Outcome:
    if planned.event in result.effective:
        return Outcome(planned.event, "delivered", None)
    if all(upsert.key in result.deleted for upsert in planned.plan):
        return Outcome(planned.event, "ignored", "its record was deleted in Upsales by a person")
    return Outcome(planned.event, "superseded", "nothing of it was left to write")
