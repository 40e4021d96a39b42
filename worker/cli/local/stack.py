"""Starts everything at once, waits until all of it answers, and ends it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from redis.exceptions import RedisError

from worker.cli.local import lockfile, neighbours, network, sandbox_trial, valkey
from worker.cli.local.lockfile import Running
from worker.cli.local.network import HOST, refuse_taken
from worker.cli.local.processes import Program, programs
from worker.cli.local.receiver import raise_file_limit
from worker.cli.local.signals import ignore_interrupts
from worker.cli.local.supervisor import Supervisor
from worker.errors import ConfigError
from worker.settings import Settings
from worker.settings.neighbours import VARIABLE
from worker.store import open_store
from worker.store.db.migrate import migrate
from worker.upsales.budget import connect

START_SECONDS = 90.0
"""A busy machine starts slowly. A process that ends is told at once."""
FLOWER_USER = CONSOLE_USER = "relay"
TOKEN_BYTES = 24
OWNER_ONLY = 0o077
"""What is written from now on holds customers' data and secrets."""
AS_ROOT = "ignore:You're running the worker with superuser privileges"
"""In a container everybody is root; Celery would warn at every start."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs. `flower_password` and `console_token` are ones we made, None for what was given.

    `forgotten`: the connections whose records were in an earlier sandbox.
    """

    settings: Settings
    supervisor: Supervisor
    flower_password: str | None = field(repr=False)
    console_token: str | None = field(repr=False)
    forgotten: Sequence[str] = ()

    @property
    def web(self) -> str:
        return f"http://{HOST}:{self.settings.port}"

    @property
    def flower(self) -> str:
        return f"http://{HOST}:{self.settings.flower_port}"

    @property
    def console(self) -> str:
        return f"http://{HOST}:{self.settings.console_port}"

    @property
    def sandbox(self) -> str:
        return f"http://{HOST}:{self.settings.sandbox_port}"


def sandbox_api(settings: Settings) -> str:
    return f"http://{HOST}:{settings.sandbox_port}/api/v2"


@contextmanager
def started(
    settings: Settings, environ: Mapping[str, str], *, with_sandbox: bool, sandbox_options: Sequence[str] = ()
) -> Iterator[Stack]:
    """Nothing is left running, whatever happens inside. Raises before anything starts when it can't."""
    os.umask(OWNER_ONLY)
    raise_file_limit()
    directory = lockfile.directory_of(settings)
    with lockfile.only_one(directory) as lock:
        lockfile.forget(directory)
        refuse_taken(_ports(settings, with_sandbox=with_sandbox))
        if settings.redis_url:
            _reach(settings.redis_url)
        forgotten = _prepared(settings, with_sandbox=with_sandbox)
        server = None if settings.redis_url else valkey.prepare(directory / "valkey")
        if server:
            settings = replace(settings, redis_url=server.url)
        if with_sandbox:
            settings = replace(settings, upsales=replace(settings.upsales, base_url=sandbox_api(settings)))
        first = Program("valkey", server.command) if server else None
        home = directory.parent
        near = network.free_port() if with_sandbox and neighbours.has_any(settings) else None
        found = programs(settings, with_sandbox=with_sandbox, sandbox_options=sandbox_options, neighbours_port=near)
        supervisor = Supervisor(directory, home, first, found)
        auth, password = _flower_auth(environ)
        tokens, token = _console_tokens(settings)
        stack = Stack(settings, supervisor, password, token, forgotten)
        beside = {} if near is None else {VARIABLE: neighbours.url(near)}
        supervisor.start(_environment(settings, {**environ, **tokens, **beside}, auth), keep_open=[lock])
        try:
            upsales, redis = settings.upsales.base_url, settings.redis_url
            lockfile.note(directory, Running(os.getpid(), stack.web, upsales, redis, with_sandbox))
            _wait(stack, directory, auth, with_sandbox=with_sandbox, near=near)
            yield stack
        finally:
            ignore_interrupts()
            supervisor.stop()
            lockfile.forget(directory)


def _ports(settings: Settings, *, with_sandbox: bool) -> Mapping[str, int]:
    ports = {"PORT": settings.port, "FLOWER_PORT": settings.flower_port, "CONSOLE_PORT": settings.console_port}
    return ports | ({"RELAY_SANDBOX_PORT": settings.sandbox_port} if with_sandbox else {})


def _reach(redis_url: str) -> None:
    with connect(redis_url) as redis:
        try:
            redis.ping()
        except RedisError as error:
            raise ConfigError(
                f"REDIS_URL: no Redis can be reached there ({type(error).__name__}); start it, or unset REDIS_URL to use an embedded one"
            ) from None


def _prepared(settings: Settings, *, with_sandbox: bool) -> Sequence[str]:
    """The database. Answers which connections forgot the records of an earlier sandbox."""
    store = open_store(settings.database_url)
    try:
        migrate(store)
        return sandbox_trial.forget_earlier(settings, store) if with_sandbox else ()
    finally:
        store.close()


def _flower_auth(environ: Mapping[str, str]) -> tuple[str, str | None]:
    given = environ.get("FLOWER_BASIC_AUTH")
    if given:
        return given, None
    password = secrets.token_urlsafe(9)
    return f"{FLOWER_USER}:{password}", password


def _console_tokens(settings: Settings) -> tuple[Mapping[str, str], str | None]:
    """Where nobody could sign in to the console: a token to do it with. Another one at each start, as Flower's password."""
    if not settings.console.closed:
        return {}, None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    # A file that is named and empty lets nobody in; beside the variable it would be a second source.
    return {"RELAY_ADMIN_TOKEN": f"{CONSOLE_USER}:{token}", "RELAY_ADMIN_TOKEN_FILE": ""}, token


def _environment(settings: Settings, environ: Mapping[str, str], flower_auth: str) -> Mapping[str, str]:
    """Addresses said outright, so that the processes agree with us wherever they are started."""
    said = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url or "",
        "UPSALES_BASE_URL": settings.upsales.base_url,
        "PORT": str(settings.port),
        "FLOWER_PORT": str(settings.flower_port),
        "FLOWER_BASIC_AUTH": flower_auth,
        "CONSOLE_PORT": str(settings.console_port),
        "RELAY_SANDBOX_PORT": str(settings.sandbox_port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": AS_ROOT,
        "RELAY_LOG": environ.get("RELAY_LOG") or "console",
    }
    if settings.config:
        said["RELAY_CONFIG"] = str(settings.config)
    return {**environ, **said}


def _wait(stack: Stack, logs: Path, logins: str, *, with_sandbox: bool, near: int | None) -> None:
    settings, check = stack.settings, stack.supervisor.check
    waits = {
        "the receiver": network.answers(settings.port, "/readyz", b'"ready"'),
        "the console": network.answers(settings.console_port, "/healthz"),
        "Flower": network.answers(settings.flower_port, "/healthcheck", login=logins.partition(",")[0]),
    }
    if with_sandbox:
        waits["the sandbox"] = network.answers(settings.sandbox_port, "/")
    if near is not None:
        waits["the neighbours"] = network.answers(near, "/", b"neighbours")
    for what, ready in waits.items():
        network.wait_until(ready, check, START_SECONDS, what, logs)
