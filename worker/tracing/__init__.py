"""Follows a webhook from its request to each call: trace ids, and spans for who wants them."""

from __future__ import annotations

from worker.tracing.start import check, started
from worker.tracing.trace import HEADER, Trace, trace_of
from worker.tracing.tracer import NO_TRACER, Attributes, Span, Tracer

__all__ = ["HEADER", "NO_TRACER", "Attributes", "Span", "Trace", "Tracer", "check", "started", "trace_of"]
