"""Opens settings, store, keys and Redis for a command, each when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from redis import Redis

    from worker.keys import Keys
    from worker.runtime import Runtime
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
    def credentials(self) -> Mapping[str, str]:
        """The environment; what it does not say of a demo or of a sandbox that runs here is what was made up for it."""
        from worker.cli.local import demo_setup, sandbox_trial

        made_up = {**demo_setup.made_up_beside(self.settings.config), **sandbox_trial.in_use(self.settings)}
        return {**made_up, **self.environ}

    @cached_property
    def opened_store(self) -> Store:
        """With whatever tables it has."""
        from worker.store import open_store

        return open_store(self.settings.database_url)

    @cached_property
    def store(self) -> Store:
        """Raises what is wrong with the database."""
        from worker.store.db.migrate import check

        check(self.opened_store)
        return self.opened_store

    @cached_property
    def keys(self) -> Keys:
        """Without a database: those of the environment."""
        from worker.errors import RelayError
        from worker.keys import Keys

        try:
            return Keys(self.credentials, self.store)
        except RelayError:
            return Keys(self.credentials, None)

    @cached_property
    def redis(self) -> Redis:
        from redis import Redis

        from worker.errors import ConfigError

        if self.live_settings.redis_url is None:
            raise ConfigError("REDIS_URL is not set, and no `relay up` runs here")
        return Redis.from_url(self.live_settings.redis_url)

    @cached_property
    def runtime(self) -> Runtime:
        """The worker's own parts, for commands that ask Upsales."""
        from worker.runtime import Runtime

        return Runtime(self.live_settings, self.credentials)

    @cached_property
    def live_settings(self) -> Settings:
        """The settings with which a `relay up` runs here: its Redis and its sandbox, where it has them."""
        from dataclasses import replace

        from worker.cli.local.lockfile import running

        found, settings = running(self.settings), self.settings
        if found is None:
            return settings
        upsales = replace(settings.upsales, base_url=found.upsales)
        return replace(settings, redis_url=found.redis_url, upsales=upsales)

    def connection(self, name: str) -> Connection:
        """Raises ConfigError for a name that isn't there, with the nearest one; for one that is misconfigured, what is wrong."""
        from worker.errors import ConfigError, did_you_mean

        if name not in self.settings.connections and name in self.settings.misconfigured:
            raise ConfigError(self.settings.misconfigured[name])
        if name not in self.settings.connections:
            raise ConfigError(f"there is no connection {name}; {did_you_mean(name, self.settings.connections)}")
        return self.settings.connections[name]


pass_installation = click.make_pass_decorator(Installation)
