"""Names the parts that people's questions and decisions need."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from worker.admin.known import PATIENCE
from worker.errors import ConfigError
from worker.keys import Keys
from worker.settings import Settings
from worker.store import Store, open_store

if TYPE_CHECKING:
    from redis import Redis

    from worker.runtime import Runtime


class Parts(Protocol):
    """A command's `Installation` is one. `runtime`: the worker's own parts, for what has to ask Upsales."""

    @property
    def environ(self) -> Mapping[str, str]: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def redis(self) -> Redis: ...
    @property
    def runtime(self) -> Runtime: ...


class Opened:
    """The parts of a process that stays. `runtime` is loaded when something is first asked of Upsales."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], pool_size: int) -> None:
        self.settings = settings
        self.store = open_store(settings.database_url, pool_size=pool_size)
        self.keys = Keys(environ, self.store)
        self.environ = environ

    @cached_property
    def redis(self) -> Redis:
        """For a page, that waits no longer than for the database. Raises ConfigError where none is set up."""
        from worker.upsales.budget import connect

        if self.settings.redis_url is None:
            raise ConfigError("REDIS_URL is not set")
        return connect(self.settings.redis_url, connecting=PATIENCE, answering=PATIENCE)

    @cached_property
    def runtime(self) -> Runtime:
        from worker.runtime import Runtime

        return Runtime(self.settings, self.environ)
