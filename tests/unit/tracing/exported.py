"""A tracer whose spans stay in memory."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler

from worker.tracing.otel import OpenTelemetry, RequestIds


class Exported:
    def __init__(self, sampler: Sampler = ALWAYS_ON) -> None:
        ids = RequestIds()
        self._memory = InMemorySpanExporter()
        provider = TracerProvider(sampler=sampler, id_generator=ids)
        provider.add_span_processor(SimpleSpanProcessor(self._memory))
        self.tracer = OpenTelemetry(provider, ids)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """In the order in which they ended."""
        return self._memory.get_finished_spans()

    def tree(self) -> Sequence[tuple[str, str | None]]:
        """Each span and the one above it, by name; None where that is not here."""
        names = {span.context.span_id: span.name for span in self.spans if span.context}
        return [(span.name, names.get(span.parent.span_id) if span.parent else None) for span in self.spans]

    def text(self) -> str:
        return "\n".join(str(span.to_json()) for span in self.spans)
