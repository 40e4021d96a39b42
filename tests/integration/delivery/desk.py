"""`relay` commands on a room's database, Redis and sandbox."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result

from tests.integration.asking import asked
from tests.integration.delivery.room import Room

CONFIG = """
[upsales]
search_lag = 0
commit_horizon = 0
[connections.butik]
connector = "generic"
[connections.kassa]
connector = "generic"
"""


class Desk:
    def __init__(self, room: Room, home: Path) -> None:
        config = home / "relay.toml"
        config.write_text(CONFIG, "utf-8")
        self.environ = {name: key for name, key in room.environ.items() if "EGEN" not in name} | {
            "RELAY_CONFIG": str(config),
            "DATABASE_URL": room.settings.database_url,
            "REDIS_URL": str(room.settings.redis_url),
            "UPSALES_BASE_URL": room.settings.upsales.base_url,
        }

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        return asked(self.environ, *arguments, answer=answer)
