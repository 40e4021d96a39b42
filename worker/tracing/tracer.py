"""Defines what the rest needs of a tracer, and the one that does nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, Protocol, TypeAlias

from worker.tracing.trace import Trace

Attributes: TypeAlias = Mapping[str, str | int | None]
"""Ids, names of ours, numbers: never a URL, header, body or what a sender wrote. Those that are None are left out."""
Kind: TypeAlias = Literal["internal", "client", "producer", "consumer"]


class Span(Protocol):
    def set(self, attributes: Attributes) -> None: ...
    def failed(self, code: str) -> None:
        """`code`: the class of the failure, not its words."""


class Tracer(Protocol):
    """Safe to share between threads. Never raises, and waits for nobody but in `flush`."""

    def received(self, trace: Trace, seconds: float, attributes: Attributes) -> None:
        """A webhook was answered, which took so many seconds until now. All else of its trace lies under this span."""

    def span(
        self,
        name: str,
        attributes: Attributes = ...,
        *,
        of: Trace | None = None,
        links: Sequence[Trace] = (),
        kind: Kind = "internal",
    ) -> AbstractContextManager[Span]:
        """A span under the request's, or under the one this thread is in. What raises ends it as failed, by its class."""

    def flush(self, seconds: float) -> None:
        """Send what is left, and don't wait for longer."""


class _NoSpan:
    def set(self, attributes: Attributes) -> None:
        pass

    def failed(self, code: str) -> None:
        pass


class _NoTracer:
    def received(self, trace: Trace, seconds: float, attributes: Attributes) -> None:
        pass

    def span(
        self,
        name: str,  # noqa: ARG002 - the port's signature
        attributes: Attributes | None = None,  # noqa: ARG002 - the port's signature
        *,
        of: Trace | None = None,  # noqa: ARG002 - the port's signature
        links: Sequence[Trace] = (),  # noqa: ARG002 - the port's signature
        kind: Kind = "internal",  # noqa: ARG002 - the port's signature
    ) -> AbstractContextManager[Span]:
        return nullcontext(_NO_SPAN)

    def flush(self, seconds: float) -> None:
        pass


_NO_SPAN = _NoSpan()
NO_TRACER: Tracer = _NoTracer()
