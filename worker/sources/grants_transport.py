"""Opens what token endpoints are asked over."""

from __future__ import annotations

import httpx

from worker.sources.grants_endpoint import TokenEndpoint


def token_endpoint() -> TokenEndpoint:
    return TokenEndpoint(httpx.HTTPTransport(trust_env=False), httpx.HTTPTransport(trust_env=False))
