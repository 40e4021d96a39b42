"""The trace of a webhook is the same whoever asks, and only a well-formed header decides it."""

from __future__ import annotations

import pytest
from ulid import ULID

from worker.tracing import Trace, trace_of

REQUEST = str(ULID())
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_without_a_header_the_requests_id_is_the_trace_id() -> None:
    own = ULID.from_str(REQUEST).hex

    assert trace_of(REQUEST) == Trace(own, own[16:])
    assert trace_of(REQUEST) != trace_of(str(ULID()))


@pytest.mark.parametrize("header", [f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00", f"cc-{TRACE}-{SPAN}-01-more"])
def test_a_well_formed_header_is_taken(header: str) -> None:
    assert trace_of(REQUEST, header) == Trace(TRACE, trace_of(REQUEST).span_id, SPAN)


@pytest.mark.parametrize(
    "header",
    [
        "", "ja", f"00-{TRACE}-{SPAN}", f"ff-{TRACE}-{SPAN}-01", f"00-{TRACE.upper()}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE}-{SPAN}-01-more", f"00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n", f"00-{TRACE[:-1]}٣-{SPAN}-01", f"00-åsa.oberg@example.com-{SPAN}-01",
    ],
)  # fmt: skip
def test_any_other_is_not(header: str) -> None:
    assert trace_of(REQUEST, header) == trace_of(REQUEST)


def test_an_id_that_is_no_ulid_has_a_trace_all_the_same() -> None:
    found = trace_of("nobody made this")

    assert found == trace_of("nobody made this")
    assert len(found.trace_id) == 32
    assert int(found.trace_id, 16)
