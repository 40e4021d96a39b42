"""A real Valkey for tests, as `relay up` starts it; imported by the conftest of the rooms that need one."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotThere

from worker.cli.local.valkey import prepare
from worker.upsales.budget import connect


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="relay-valkey-") as name:
        server = prepare(Path(name))
        process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
        try:
            wait_for(connect(server.url))
            yield server.url
        finally:
            process.terminate()
            process.wait(10)


def wait_for(redis: Redis) -> None:
    for _ in range(200):
        try:
            redis.ping()
        except NotThere:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("Valkey did not start")


@pytest.fixture
def redis(valkey_url: str) -> Iterator[Redis]:
    """Empty, and left empty: a real worker on the same server would take what is no message for one, and end."""
    opened = connect(valkey_url)
    opened.flushall()
    yield opened
    opened.flushall()
    opened.close()
