"""A worker's real parts, a real Valkey, and a sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room, Sandbox
from tests.integration.delivery.serving import serving
from tests.integration.valkey import redis, valkey_url
from worker.delivery.jobs import Jobs
from worker.runtime import Runtime

__all__ = ["redis", "valkey_url"]


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with serving(search_lag=0.0) as sandbox:
        yield sandbox


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
def jobs(room: Room) -> Jobs:
    return room.runtime.jobs()


@pytest.fixture
def cut_off(room: Room, tmp_path: Path) -> Iterator[Jobs]:
    """Those of a worker whose database is away."""
    (tmp_path / "file").write_text("", "utf-8")
    runtime = Runtime(replace(room.settings, database_url=f"sqlite:///{tmp_path}/file/relay.db"), room.environ)
    yield runtime.jobs()
    runtime.close()


@pytest.fixture
def desk(room: Room, tmp_path: Path) -> Desk:
    return Desk(room, tmp_path)
