"""A console over the database in which a worker's real parts deliver, to a sandbox."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.delivery.conftest import room, running_sandbox, sandbox
from tests.integration.delivery.room import KEYS, Room
from tests.integration.valkey import redis, valkey_url
from tests.integration.web.console.stage import CONFIG, ENVIRON, OPERATOR, VIEWER, Stage, Visitor
from worker.admin.forgetting import THREAD
from worker.settings import load

__all__ = ["console", "operates", "redis", "room", "running_sandbox", "sandbox", "valkey_url", "views"]

QUICK = """
[upsales]
search_lag = 0
commit_horizon = 0
"""


@pytest.fixture
def console(room: Room, tmp_path: Path) -> Iterator[Stage]:
    config = tmp_path / "relay.toml"
    config.write_text(QUICK + CONFIG.replace("natt", "kassa"), "utf-8")
    environ = {name: text for name, text in ENVIRON.items() if "API_KEY" not in name} | {
        "RELAY_BUTIK_API_KEY": KEYS["butik"],
        "RELAY_KASSA_API_KEY": KEYS["kassa"],
        "RELAY_CONFIG": str(config),
        "DATABASE_URL": room.settings.database_url,
        "REDIS_URL": str(room.settings.redis_url),
        "UPSALES_BASE_URL": room.settings.upsales.base_url,
    }
    made = Stage(load(environ), environ)
    yield made
    settle()
    made.store.close()
    if "runtime" in made.parts.__dict__:
        made.parts.runtime.close()


@pytest.fixture
def operates(console: Stage) -> Visitor:
    return console.visitor(OPERATOR)


@pytest.fixture
def views(console: Stage) -> Visitor:
    return console.visitor(VIEWER)


def settle() -> None:
    """Until nobody searches or erases any more."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(60)
            assert not thread.is_alive()
