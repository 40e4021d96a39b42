"""A worker's real parts, a real Valkey, and a sandbox over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import KEYS, Room, Sandbox
from tests.integration.valkey import redis, valkey_url
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from web.sandbox.server import make_server

__all__ = ["redis", "valkey_url"]


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    keys = {key: SandboxKey(name) for name, key in KEYS.items()}
    app = create_sandbox(SandboxOptions(keys=keys, search_lag=0.0, faults=True, log_bodies=True))
    server = make_server(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Sandbox(f"http://127.0.0.1:{server.server_port}", app.test_client())
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """With nothing in it."""
    running_sandbox.control("POST", "/reset")
    return running_sandbox


@pytest.fixture
def room(database_url: str, redis: Redis, valkey_url: str, sandbox: Sandbox) -> Iterator[Room]:
    made = Room(database_url, valkey_url, sandbox)
    yield made
    made.close()


@pytest.fixture
def desk(room: Room, tmp_path: Path) -> Desk:
    return Desk(room, tmp_path)
