"""Spans of several processes make one trace, though nothing is handed from one to the other."""

from __future__ import annotations

import logging
from threading import Event

import pytest
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, TraceIdRatioBased
from ulid import ULID

from tests.unit.tracing.exported import Exported
from tests.unit.web.door import Clock
from worker import logs
from worker.errors import Refused
from worker.logs.quiet import Quiet
from worker.tracing import Trace, trace_of
from worker.tracing.otel import OpenTelemetry, RequestIds, now_and_then

CALLER = Trace("4b" * 16, "ab" * 8, "cd" * 8)


def test_what_a_worker_does_lies_under_the_request_that_another_process_received() -> None:
    web, worker = Exported(), Exported()
    trace = trace_of(str(ULID()))

    with worker.tracer.span("deliver", of=trace), worker.tracer.span("PUT accounts", kind="client"):
        pass
    web.tracer.received(trace, 0.25, {"relay.connection": "butik"})

    (received,) = web.spans
    call, deliver = worker.spans
    assert received.context is not None
    assert (f"{received.context.trace_id:032x}", f"{received.context.span_id:016x}") == (trace.trace_id, trace.span_id)
    assert received.parent is None
    assert deliver.parent is not None
    assert (deliver.parent.trace_id, deliver.parent.span_id) == (received.context.trace_id, received.context.span_id)
    assert worker.tree() == [("PUT accounts", "deliver"), ("deliver", None)]
    assert call.context is not None
    assert call.context.trace_id == received.context.trace_id
    assert received.start_time is not None
    assert received.end_time is not None
    assert received.end_time - received.start_time == 250_000_000


def test_the_trace_of_a_proxy_goes_on() -> None:
    web = Exported()

    web.tracer.received(CALLER, 0.0, {})

    (received,) = web.spans
    assert received.parent is not None
    assert received.context is not None
    assert f"{received.context.trace_id:032x}" == CALLER.trace_id
    assert f"{received.parent.span_id:016x}" == CALLER.caller


def test_who_is_in_a_span_receives_no_request_in_it() -> None:
    web = Exported()

    with web.tracer.span("other"):
        web.tracer.received(trace_of(str(ULID())), 0.0, {})

    assert ("receive", None) in web.tree()


@pytest.mark.parametrize("sampler", [TraceIdRatioBased(0.5), ParentBased(TraceIdRatioBased(0.5)), ALWAYS_OFF])
def test_each_process_records_the_same_traces(sampler: Sampler) -> None:
    web, worker = Exported(sampler), Exported(sampler)
    traces = [Trace(f"{number:032x}", f"{number:016x}") for number in range(1, 2**64, 2**58)]

    for trace in traces:
        web.tracer.received(trace, 0.0, {})
        with worker.tracer.span("deliver", of=trace):
            pass

    received = {span.context.trace_id for span in web.spans if span.context}
    assert received == {span.context.trace_id for span in worker.spans if span.context}
    assert (len(received) == len(traces) / 2) is (sampler is not ALWAYS_OFF)


def test_a_failure_is_told_by_its_class_and_what_it_says_is_not() -> None:
    logs.hide("hemlig-nyckel")
    kept = Exported()

    with pytest.raises(Refused), kept.tracer.span("PUT accounts", {"relay.connection": "a hemlig-nyckel b"}):
        raise Refused("Upsales answered 400: Åsa Öberg exists")
    with pytest.raises(ZeroDivisionError), kept.tracer.span("plan", {"relay.reason": None}):
        raise ZeroDivisionError("åsa@example.com")

    assert [span.status.description for span in kept.spans] == ["refused", "ZeroDivisionError"]
    assert not [mark for mark in ("Åsa", "\\u00c5sa", "example.com", "hemlig-nyckel") if mark in kept.text()]


def test_a_flush_waits_no_longer_than_it_may() -> None:
    class Stuck(SpanProcessor):
        asked = Event()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - the SDK's signature
            self.asked.set()
            return Event().wait()

    stuck = Stuck()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(stuck)

    OpenTelemetry(provider, RequestIds()).flush(0.01)

    assert stuck.asked.wait(5.0)


def test_a_collector_that_is_away_is_told_of_once_a_minute() -> None:
    clock = Clock(0.0)
    passes = now_and_then(Quiet(60.0, clock))
    record = logging.makeLogRecord({"msg": "Failed to export"})

    assert [passes(record) for clock.now in (0.0, 10.0, 59.0, 60.0)] == [True, False, False, True]
