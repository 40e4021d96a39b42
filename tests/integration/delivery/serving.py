"""Serves a sandbox over HTTP to a worker's real parts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.delivery.room import KEYS, Sandbox
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from web.sandbox.server import make_server


@contextmanager
def serving(*, search_lag: float) -> Iterator[Sandbox]:
    keys = {key: SandboxKey(name) for name, key in KEYS.items()}
    app = create_sandbox(SandboxOptions(keys=keys, search_lag=search_lag, faults=True, log_bodies=True))
    server = make_server(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Sandbox(f"http://127.0.0.1:{server.server_port}", app.test_client())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
