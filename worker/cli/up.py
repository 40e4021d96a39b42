"""`relay up` runs everything on this machine until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Mapping

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.local.signals import interruptible
from worker.cli.local.stack import Stack, started
from worker.cli.local.tail import Following
from worker.cli.output import say, say_text
from worker.errors import ConfigError

LOOK = 0.3


@click.command()
@click.option("--sandbox", "with_sandbox", is_flag=True, help="Use the sandbox instead of Upsales.")
@click.option("--quiet", is_flag=True, help="Don't show the processes' logs.")
@pass_installation
def up(installation: Installation, *, with_sandbox: bool, quiet: bool) -> None:
    """Run everything on this machine, until Ctrl-C: receiver, worker, scheduler, Flower, and Redis if REDIS_URL is not set."""
    settings, environ = installation.settings, dict(installation.environ)
    for line in (*settings.misconfigured.values(), *settings.strays.values()):
        raise ConfigError(line)
    # Whoever has no key would be paused at its first event, and nobody would be looking then.
    keys = {name: installation.keys.api_key(name) for name in settings.connections}
    if with_sandbox:
        environ["SANDBOX_KEYS"] = _sandbox_keys(keys)
    try:
        with interruptible(), started(settings, environ, with_sandbox=with_sandbox) as stack:
            say_text(_summary(stack, with_sandbox=with_sandbox))
            _stay(stack, quiet=quiet)
    except KeyboardInterrupt:
        say("Stopped.")


def _sandbox_keys(keys: Mapping[str, str]) -> str:
    if not keys:
        raise ConfigError(
            "there is no connection for the sandbox: set RELAY_<CONNECTOR>_API_KEY to any text, or run `relay demo`"
        )
    return ",".join(f"{name}={key}@1" for name, key in keys.items())


def _summary(stack: Stack, *, with_sandbox: bool) -> str:
    password = f" (user relay, password {stack.flower_password})" if stack.flower_password else ""
    lines = [
        f"Receiver  {stack.web}/webhooks/<connection>   connections: {', '.join(stack.settings.connections) or 'none'}",
        f"Flower    {stack.flower}{password}",
        f"Metrics   {stack.console}/metrics",
        *([f"Sandbox   {stack.sandbox}"] if with_sandbox else []),
        f"Logs      {stack.supervisor.directory}",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _stay(stack: Stack, *, quiet: bool) -> None:
    names = [] if quiet else stack.supervisor.names
    following = Following({name: stack.supervisor.log_of(name) for name in names})
    while True:
        _tell(following)
        stack.supervisor.check()
        time.sleep(LOOK)


def _tell(following: Following) -> None:
    for line in following.new_lines():
        say(line)
