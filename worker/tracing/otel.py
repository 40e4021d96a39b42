"""Makes spans with OpenTelemetry's SDK, which the extra `otel` brings."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry import trace as api
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision

from worker.errors import Failure
from worker.logs.quiet import Quiet
from worker.logs.redaction import redact
from worker.tracing.trace import Trace
from worker.tracing.tracer import Attributes, Kind, Span, Tracer

NAME = "upsales-relay"
NANOSECONDS = 1_000_000_000

_KINDS = {
    "internal": api.SpanKind.INTERNAL,
    "client": api.SpanKind.CLIENT,
    "producer": api.SpanKind.PRODUCER,
    "consumer": api.SpanKind.CONSUMER,
}


def exporting(exporter: str, environ: Mapping[str, str], service: str) -> Tracer:
    """The SDK itself reads the other OTEL_ variables: where to, how many, how long."""
    # What a resource is given here wins over the environment.
    named = {} if environ.get("OTEL_SERVICE_NAME") else {"service.name": service}
    ids = RequestIds()
    provider = TracerProvider(resource=Resource.create(named), id_generator=ids)
    provider.add_span_processor(BatchSpanProcessor(_exporter(exporter)))
    return OpenTelemetry(provider, ids)


def _exporter(exporter: str) -> SpanExporter:
    if exporter == "console":
        return ConsoleSpanExporter(out=sys.stderr, formatter=_one_line)
    from opentelemetry.exporter.otlp.proto.http import trace_exporter

    told = logging.getLogger(trace_exporter.__name__)
    told.setLevel(logging.ERROR)
    told.addFilter(now_and_then(Quiet()))
    return trace_exporter.OTLPSpanExporter()


def now_and_then(quiet: Quiet) -> Callable[[logging.LogRecord], bool]:
    """While a collector is away its client has something to say every few seconds."""
    return lambda record: quiet.count(str(record.msg)) is not None


def _one_line(span: ReadableSpan) -> str:
    return f"{span.to_json(indent=None)}\n"


class RequestIds(RandomIdGenerator):
    """Random ids, but for the span of a request, which has those of its trace."""

    def __init__(self) -> None:
        self._next: ContextVar[Trace | None] = ContextVar("next", default=None)

    @contextmanager
    def of(self, trace: Trace) -> Iterator[None]:
        token = self._next.set(trace)
        try:
            yield
        finally:
            self._next.reset(token)

    def generate_trace_id(self) -> int:
        trace = self._next.get()
        return super().generate_trace_id() if trace is None else int(trace.trace_id, 16)

    def generate_span_id(self) -> int:
        trace = self._next.get()
        return super().generate_span_id() if trace is None else int(trace.span_id, 16)


class OpenTelemetry:
    """The Tracer of a provider whose ids come from `ids`."""

    def __init__(self, provider: TracerProvider, ids: RequestIds) -> None:
        self._provider = provider
        self._ids = ids
        self._tracer = provider.get_tracer(NAME)

    def received(self, trace: Trace, seconds: float, attributes: Attributes) -> None:
        now = time.time_ns()
        with self._ids.of(trace):
            span = self._tracer.start_span(
                "receive",
                context=api.set_span_in_context(self._remote(trace, trace.caller)) if trace.caller else _nowhere(),
                kind=api.SpanKind.SERVER,
                attributes=_told(attributes),
                start_time=now - int(seconds * NANOSECONDS),
            )
        span.end(now)

    @contextmanager
    def span(
        self,
        name: str,
        attributes: Attributes | None = None,
        *,
        of: Trace | None = None,
        links: Sequence[Trace] = (),
        kind: Kind = "internal",
    ) -> Iterator[Span]:
        context = None if of is None else api.set_span_in_context(self._remote(of, of.span_id))
        started = self._tracer.start_span(
            name,
            context=context,
            kind=_KINDS[kind],
            attributes=_told(attributes or {}),
            links=[api.Link(self._remote(each, each.span_id).get_span_context()) for each in links],
        )
        span = _Span(started)
        # Neither the exception nor its text: it may quote what a sender wrote.
        with api.use_span(started, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except Failure as failure:
                span.failed(failure.code)
                raise
            except Exception as error:
                span.failed(type(error).__name__)
                raise

    def flush(self, seconds: float) -> None:
        # It takes the time that its exporter takes, whatever it is told.
        flushing = threading.Thread(target=self._provider.force_flush, name="flush", daemon=True)
        flushing.start()
        flushing.join(seconds)

    def _remote(self, trace: Trace, span_id: str | None) -> api.NonRecordingSpan:
        """A span that another process, or another thread, has recorded, if the sampler lets it. It decides by the trace id, so each process alike."""
        number = int(trace.trace_id, 16)
        decision = self._provider.sampler.should_sample(_nowhere(), number, "receive").decision
        flags = api.TraceFlags(
            api.TraceFlags.SAMPLED if decision is Decision.RECORD_AND_SAMPLE else api.TraceFlags.DEFAULT
        )
        return api.NonRecordingSpan(
            api.SpanContext(number, int(span_id or trace.span_id, 16), is_remote=True, trace_flags=flags)
        )


class _Span:
    def __init__(self, span: api.Span) -> None:
        self._span = span

    def set(self, attributes: Attributes) -> None:
        self._span.set_attributes(_told(attributes))

    def failed(self, code: str) -> None:
        self._span.set_status(api.StatusCode.ERROR, redact(code))


def _told(attributes: Attributes) -> dict[str, Any]:
    return {
        name: redact(value) if isinstance(value, str) else value
        for name, value in attributes.items()
        if value is not None
    }


def _nowhere() -> Any:
    """A context without a span: whatever this thread is in is no parent of a request."""
    return api.set_span_in_context(api.INVALID_SPAN)
