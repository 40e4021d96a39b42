"""Serves a sandbox over HTTP to a worker's real parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.delivery.room import KEYS, Sandbox
from tests.integration.serving import served, url_of
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox


@contextmanager
def serving(*, search_lag: float) -> Iterator[Sandbox]:
    keys = {key: SandboxKey(name) for name, key in KEYS.items()}
    app = create_sandbox(SandboxOptions(keys=keys, search_lag=search_lag, faults=True, log_bodies=True))
    with served(app) as server:
        yield Sandbox(url_of(server), app.test_client())
