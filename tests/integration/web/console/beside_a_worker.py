"""A console over the database in which a worker's real parts deliver, to a sandbox."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.delivery.conftest import room, running_sandbox, sandbox
from tests.integration.delivery.desk import CONFIG
from tests.integration.delivery.room import Room
from tests.integration.valkey import redis, valkey_url
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from worker.admin.forgetting import THREAD
from worker.settings import load

__all__ = ["console", "console_of", "operates", "redis", "room", "running_sandbox", "sandbox", "valkey_url", "views"]


@pytest.fixture
def console(room: Room, tmp_path: Path) -> Iterator[Stage]:
    with console_of(room, tmp_path) as made:
        yield made


@contextmanager
def console_of(room: Room, home: Path) -> Iterator[Stage]:
    """The console of the room's installation."""
    config = home / "relay.toml"
    config.write_text(CONFIG, "utf-8")
    environ = {
        **{name: key for name, key in room.environ.items() if "EGEN" not in name},
        "RELAY_ADMIN_TOKEN": f"anna:{OPERATOR}",
        "RELAY_VIEWER_TOKEN": f"vera:{VIEWER}",
        "RELAY_CONFIG": str(config),
        "DATABASE_URL": room.settings.database_url,
        "REDIS_URL": str(room.settings.redis_url),
        "UPSALES_BASE_URL": room.settings.upsales.base_url,
    }
    made = Stage(load(environ), environ)
    yield made
    settle()
    made.close()


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
