"""Derives the trace of a webhook from what is stored of it; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

from ulid import ULID

HEADER = "traceparent"

# https://www.w3.org/TR/trace-context/#traceparent-header-field-values: later versions may be longer, ff is none.
_WELL_FORMED = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Trace:
    """`trace_id` has 32 hex digits, `span_id` 16: of the request as it was received. `caller`: the span of who sent it, where that is told."""

    trace_id: str
    span_id: str
    caller: str | None = None


def trace_of(request_id: str, traceparent: str | None = None) -> Trace:
    """The same whoever asks, and whenever: nothing has to be handed on, so nothing gets lost with a message.

    A request's ULID has as many bits as a trace id, and at the right as many random ones as samplers want. `traceparent` is the
    request's own header; a proxy or the sender began the trace then. Whether a span is recorded it does not decide: anybody can send it.
    """
    own = _bits(request_id)
    told = _WELL_FORMED.fullmatch(traceparent or "")
    if told is None or (told[1] == "00" and told[4]):
        return Trace(own, own[16:])
    return Trace(told[2], own[16:], told[3])


def _bits(request_id: str) -> str:
    try:
        return ULID.from_str(request_id).hex
    except ValueError:
        # Whoever writes such an id into the database has events delivered all the same.
        return blake2b(request_id.encode(), digest_size=16).hexdigest()
