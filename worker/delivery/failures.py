"""Handles a failure: ends events that were tried long enough, puts the others off."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from worker.delivery.claim_log import ClaimLog
from worker.delivery.refused_token import PROBE_FIRST, pause_for_source
from worker.delivery.retry import DeadLetter, Later, Next, Patience, Pause, Review, after, persistent
from worker.errors import (
    Failure,
    NeedsReview,
    OnItsWay,
    OutcomeUnknown,
    Refused,
    Rejected,
    SourceForbidden,
    SourceThrottled,
    SourceUnavailable,
    Stopping,
    Throttled,
    Unauthorized,
    Unavailable,
)
from worker.queue.wakeups import Wakeup
from worker.settings import Connection
from worker.settings import Delivery as DeliverySettings
from worker.store.db.engine import Store
from worker.store.events.events import WaitingEvent
from worker.store.events.outcomes import Outcome, defer, release
from worker.store.lanes import connections
from worker.store.lanes.lanes import Claim

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failures:
    """Puts lanes off, and has them rung again.

    `judge` tells what a rejected key means, and pauses the connection where it must. `short` is told when a connection's
    calls are used up, and for how many seconds. `ring_in` wakes a worker for an event in so many seconds. `chance` answers
    numbers in [0, 1).
    """

    store: Store
    settings: DeliverySettings
    judge: Callable[[Connection, Unauthorized], Failure]
    short: Callable[[str, float], None]
    ring_in: Callable[[Wakeup, float], None]
    chance: Callable[[], float]

    def put_off(
        self,
        connection: Connection,
        claim: Claim,
        failure: Failure,
        left: Sequence[WaitingEvent],
        outcomes: Sequence[Outcome],
        told: ClaimLog,
    ) -> bool:
        """End those that are `left` of the claim, or put the lane off. True when none of them has to wait, and more is in the lane."""
        if isinstance(failure, SourceForbidden):
            pause_for_source(self.store, connection, failure, probe_in=PROBE_FIRST)
        elif isinstance(failure, Unauthorized):
            failure = self.judge(connection, failure)
        nexts = {event.id: self._next(failure, event) for event in left}
        ended = [
            *outcomes,
            *(
                _outcome(event, found, failure)
                for event, found in nexts.items()
                if isinstance(found, DeadLetter | Review)
            ),
        ]
        waits = [found for found in nexts.values() if isinstance(found, Later | Pause)]
        if not waits:
            worked_off = release(self.store, claim, ended)
            told.ended(ended)
            return not worked_off
        later = self._wait(claim, failure, waits[0], ended, [event.id for event in left])
        told.ended(ended)
        waiting = [event for event in left if isinstance(nexts[event.id], Later | Pause)]
        told.put_off(waiting, failure, later, is_attempt=counts(failure))
        return False

    def ring(self, claim: Claim, event: WaitingEvent, seconds: float) -> None:
        wakeup = Wakeup(event.id, claim.connection, event.type, event.priority, event.event_id, event.subject)
        self.ring_in(wakeup, seconds)

    def _next(self, failure: Failure, event: WaitingEvent) -> Next:
        settings = self.settings
        patience = Patience(settings.retry_first, settings.retry_longest, settings.give_up, settings.server_error_tries)
        return after(failure, event.attempts, patience, self.chance(), server_errors=event.server_errors)

    def _wait(
        self,
        claim: Claim,
        failure: Failure,
        wait: Later | Pause,
        outcomes: Sequence[Outcome],
        concerns: Collection[str],
    ) -> float | None:
        """Seconds until the lane comes again; None when nobody can tell."""
        # As things stood before this failure is counted too.
        server_error = self._server_error(claim) if persistent(failure) else None
        later = _later(claim, failure, wait)
        if isinstance(failure, Throttled | SourceThrottled):
            self.short(claim.connection, later.seconds)
        elif down(failure):
            self._count_against_the_breaker(claim)
        defer(
            self.store,
            claim,
            seconds=later.seconds,
            attempts=later.attempts,
            reason=later.reason,
            failing=counts(failure),
            server_error=server_error,
            outcomes=outcomes,
            expects_for=self.settings.give_up if isinstance(failure, OnItsWay) else None,
            failure=failure.code,
            concerns=concerns,
        )
        if not isinstance(wait, Pause):
            ended = {outcome.event for outcome in outcomes}
            self.ring(claim, next(event for event in claim.events if event.id not in ended), later.seconds)
        return None if isinstance(wait, Pause) else later.seconds

    def _server_error(self, claim: Claim) -> Literal["counts", "stays"]:
        """While nothing else succeeds either, it is not about this event."""
        with self.store.read() as conn:
            state = connections.get(conn, claim.connection)
        return "stays" if state.breaks or claim.subject in (state.failing or ()) else "counts"

    def _count_against_the_breaker(self, claim: Claim) -> None:
        lanes, seconds = self.settings.breaker_lanes, self.settings.breaker_pause
        if connections.breaker_failed(self.store, claim.connection, claim.subject, lanes=lanes, seconds=seconds):
            log.warning("breaker opened: Upsales does not answer this connection", connection=claim.connection)


def counts(failure: Failure) -> bool:
    """Whether a failure is an attempt: Upsales, or the sender's API, was asked and did not do it."""
    return isinstance(failure, Unavailable) or (isinstance(failure, OutcomeUnknown) and not failure.rechecking)


def down(failure: Failure) -> bool:
    """Whether the breaker counts a failure: also one to look for what a create did, which is no attempt of the event's.

    That a sender's API is away says nothing about Upsales.
    """
    if isinstance(failure, SourceUnavailable):
        return False
    return counts(failure) or (isinstance(failure, OutcomeUnknown) and failure.unavailable)


def _later(claim: Claim, failure: Failure, wait: Later | Pause) -> Later:
    """For a connection that is paused, or a worker that ends, the lane itself waits for nothing."""
    if isinstance(wait, Pause) or isinstance(failure, Stopping):
        return Later(0.0, claim.attempts, wait.reason)
    return wait


def _outcome(event: str, found: DeadLetter | Review, failure: Failure) -> Outcome:
    code, status = failure.code, failure.status
    if not isinstance(failure, Rejected | Refused | NeedsReview):
        # It was put off until that was enough.
        code = "server_error" if persistent(failure) else "gave_up"
    if isinstance(found, Review):
        return Outcome(event, "review", found.reason, found.key, found.candidates, code=code, http_status=status)
    return Outcome(event, "dead", found.reason, code=code, http_status=status)
