"""Tells what became of a claim's events, in logs and traces, once that is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from structlog.contextvars import bound_contextvars

from worker.errors import Failure
from worker.logs import event_lines
from worker.logs.machine_names import type_name
from worker.logs.quiet import Quiet
from worker.store.events.events import WaitingEvent
from worker.store.events.outcomes import Outcome
from worker.store.lanes.lanes import Claim
from worker.tracing import NO_TRACER, Attributes, Span, Trace, Tracer

A_MINUTE = 20
"""Lines about waits that are nobody's fault, of one connection and one reason: ten thousand events may wait for the same."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a process's claims are told with."""

    tracer: Tracer = NO_TRACER
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    waits: Quiet = field(default_factory=lambda: Quiet(burst=A_MINUTE))

    def of(self, claim: Claim) -> ClaimLog:
        return ClaimLog(self, claim)


class ClaimLog:
    """Calls are made for the last of a claim's events: it has their number, and they are in its trace."""

    def __init__(self, telling: Telling, claim: Claim) -> None:
        self._telling = telling
        self._claim = claim
        self._traces: Mapping[str, Trace] = {}
        self._spans: dict[str, Span] = {}
        self._calls: int | None = 0
        self._records: int | None = 0
        self._reads = 0

    @property
    def tracer(self) -> Tracer:
        return self._telling.tracer

    def names(self) -> Mapping[str, str]:
        """Of the last event, for a line that is written outside of `working`."""
        last = self._claim.events[-1]
        trace_id = self._trace_id(last)
        return {"id": last.id} | ({} if trace_id is None else {"trace_id": trace_id})

    @contextmanager
    def working(self, traces: Mapping[str, Trace]) -> Iterator[None]:
        """While this lasts, each line of this thread tells event and trace, and each call has its span. `traces`: of the events."""
        self._traces = traces
        last = self._claim.events[-1]
        trace = traces[last.id]
        try:
            with (
                bound_contextvars(connection=self._claim.connection, id=last.id, trace_id=trace.trace_id),
                ExitStack() as spans,
            ):
                for event in self._claim.events:
                    others = () if event is last else (trace,)
                    of = {"of": traces[event.id], "links": others}
                    span = self.tracer.span("deliver", self._attributes(event), kind="consumer", **of)  # type: ignore[arg-type]
                    self._spans[event.id] = spans.enter_context(span)
                yield
        finally:
            self._spans = {}

    def spent(self, calls: int | None, records: int | None, reads: int = 0) -> None:
        """None when that is not known. `reads`: of the sender's API."""
        self._calls, self._records, self._reads = calls, records, reads

    def ended(self, outcomes: Sequence[Outcome]) -> None:
        now = self._telling.now()
        for outcome in outcomes:
            event = self._claim.event(outcome.event)
            leads, calls, records = self._share(event)
            event_lines.ended(
                id=event.id,
                event_id=event.event_id,
                connection=self._claim.connection,
                type=event.type,
                trace_id=self._trace_id(event),
                fate=outcome.status,
                reason=outcome.code,
                status=outcome.http_status,
                seconds=(now - event.received_at) / timedelta(seconds=1),
                attempts=event.attempts + 1,
                calls=calls,
                records=records,
                reads=self._reads if leads else 0,
                together_with=None if leads else self._claim.events[-1].id,
                replay=bool(event.replay),
            )
            if span := self._spans.get(event.id):
                span.set({"relay.fate": outcome.status, "relay.reason": outcome.code or None})

    def put_off(
        self, left: Sequence[WaitingEvent], failure: Failure, seconds: float | None, *, is_attempt: bool
    ) -> None:
        """One line for all that wait on in the lane: it is about the first of them. `seconds`: None while nobody can tell."""
        for event in left:
            if span := self._spans.get(event.id):
                span.failed(failure.code)
        count = 1 if is_attempt else self._telling.waits.count(f"{self._claim.connection} {failure.code}")
        if count is None or not left:
            return
        first = left[0]
        until = None if seconds is None else self._telling.now() + timedelta(seconds=seconds)
        event_lines.put_off(
            id=first.id,
            event_id=first.event_id,
            connection=self._claim.connection,
            type=first.type,
            trace_id=self._trace_id(first),
            reason=failure.code,
            status=failure.status,
            until=until,
            attempt=first.attempts + is_attempt,
            calls=self._calls,
            records=self._records,
            reads=self._reads,
            events=len(left),
            count=count,
        )

    def _share(self, event: WaitingEvent) -> tuple[bool, int | None, int | None]:
        """Whether the claim's calls were made for this event, and how many that are."""
        leads = event is self._claim.events[-1]
        return leads, self._calls if leads else 0, self._records if leads else 0

    def _trace_id(self, event: WaitingEvent) -> str | None:
        found = self._traces.get(event.id)
        return None if found is None else found.trace_id

    def _attributes(self, event: WaitingEvent) -> Attributes:
        return {
            "relay.event.id": event.id,
            "relay.event.type": type_name(event.type),
            "relay.connection": self._claim.connection,
            "relay.attempt": event.attempts + 1,
        }
