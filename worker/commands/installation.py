"""What commands work with: settings, store, keys and Redis of one environment, each opened when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from redis import Redis

    from worker.keys import Keys
    from worker.settings import Connection, Settings
    from worker.store import Store


class Installation:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    @cached_property
    def settings(self) -> Settings:
        from worker.settings import load

        return load(self.environ)

    @cached_property
    def store(self) -> Store:
        from worker.store import open_store

        return open_store(self.settings.database_url)

    @cached_property
    def keys(self) -> Keys:
        from worker.keys import Keys

        return Keys(self.environ, self.store)

    @cached_property
    def redis(self) -> Redis:
        from redis import Redis

        from worker.errors import ConfigError

        url = self.settings.redis_url or self.running_redis
        if url is None:
            raise ConfigError("REDIS_URL is not set, and no `relay up` runs here")
        return Redis.from_url(url)

    @property
    def running_redis(self) -> str | None:
        """That of a `relay up` on this machine."""
        from worker.local.running import running

        found = running(self.settings)
        return found.redis_url if found else None

    def connection(self, name: str) -> Connection:
        """Raises ConfigError for a name that isn't there, with the nearest one."""
        from worker.errors import ConfigError
        from worker.settings.tables import near

        if name not in self.settings.connections:
            raise ConfigError(f"there is no connection {name}; {near(name, self.settings.connections)}")
        return self.settings.connections[name]


pass_installation = click.make_pass_decorator(Installation)
