"""A console over each of the databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.delivery.conftest import running_sandbox, sandbox
from tests.integration.delivery.room import Sandbox
from tests.integration.valkey import redis, valkey_url
from tests.integration.web.console.stage import CONFIG, ENVIRON, OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.upsales_stage import Shop, opened
from worker.settings import load

__all__ = ["redis", "running_sandbox", "sandbox", "valkey_url"]


@pytest.fixture
def stage(database_url: str, valkey_url: str, tmp_path: Path) -> Iterator[Stage]:
    config = tmp_path / "relay.toml"
    config.write_text(CONFIG, "utf-8")
    environ = {**ENVIRON, "RELAY_CONFIG": str(config), "DATABASE_URL": database_url, "REDIS_URL": valkey_url}
    made = Stage(load(environ), environ)
    yield made
    made.close()


@pytest.fixture
def shop(database_url: str, redis: Redis, valkey_url: str, sandbox: Sandbox, tmp_path: Path) -> Iterator[Shop]:
    """`redis`: nothing is counted yet."""
    with opened(database_url, valkey_url, sandbox, tmp_path) as made:
        yield made


@pytest.fixture
def operator(stage: Stage) -> Visitor:
    return stage.visitor(OPERATOR)


@pytest.fixture
def viewer(stage: Stage) -> Visitor:
    return stage.visitor(VIEWER)
