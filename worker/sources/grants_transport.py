"""Opens what token endpoints are asked over: public addresses, or this machine alone."""

from __future__ import annotations

import time

from worker.http.deadline import DeadlineTransport
from worker.sources.addresses import CheckedSockets, loopback, public
from worker.sources.grants_endpoint import TokenEndpoint


def token_endpoint() -> TokenEndpoint:
    far, near = (
        DeadlineTransport(time.monotonic, CheckedSockets(allowed, clock=time.monotonic))
        for allowed in (public, loopback)
    )
    return TokenEndpoint(far, near)
