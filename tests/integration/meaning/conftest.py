"""A stage for stories: receiver, worker, database, Valkey, and a sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.conftest import Databases
from tests.integration.meaning.stage import Stage
from tests.integration.meaning.upsales import Upsales
from tests.integration.serving import served, url_of
from tests.integration.valkey import redis, valkey_url
from web.sandbox import SandboxOptions, create_sandbox

__all__ = ["redis", "valkey_url"]


@pytest.fixture(scope="session")
def running_upsales() -> Iterator[Upsales]:
    app = create_sandbox(
        SandboxOptions(keys={}, faults=True, search_lag=0.0, calls=((1_000_000, 10),), writes=((1_000_000, 10),))
    )
    with served(app) as server:
        yield Upsales(url_of(server), app.test_client())


@pytest.fixture
def stage(
    sqlite_databases: Databases, redis: Redis, valkey_url: str, running_upsales: Upsales, tmp_path: Path
) -> Iterator[Stage]:
    """With nothing on it."""
    redis.flushall()
    running_upsales.reset()
    opened = Stage(tmp_path, sqlite_databases.migrated(), valkey_url, running_upsales)
    yield opened
    opened.close()
