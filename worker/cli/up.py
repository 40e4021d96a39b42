"""`relay up` runs everything on this machine until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Mapping

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.local import sandbox_trial
from worker.cli.local.signals import interruptible
from worker.cli.local.stack import Stack, started
from worker.cli.local.tail import Following
from worker.cli.output import say, say_text
from worker.errors import ConfigError
from worker.settings.variables import variables_of

LOOK = 0.3


@click.command()
@click.option("--sandbox", "with_sandbox", is_flag=True, help="Use the sandbox instead of Upsales.")
@click.option("--quiet", is_flag=True, help="Don't show the processes' logs.")
@pass_installation
def up(installation: Installation, *, with_sandbox: bool, quiet: bool) -> None:
    """Run everything on this machine, until Ctrl-C: receiver, worker, scheduler, console, Flower, and Redis if REDIS_URL is not set."""
    settings, environ = installation.settings, dict(installation.environ)
    for line in (*settings.misconfigured.values(), *settings.strays.values()):
        raise ConfigError(line)
    invented = _for_sandbox(installation) if with_sandbox else {}
    if not with_sandbox:
        # Whoever has no key would be paused at its first event, and nobody would be looking then.
        for name in settings.connections:
            installation.keys.api_key(name)
    options = ["--new-accounts"] if with_sandbox else []
    environ |= invented
    try:
        with (
            interruptible(),
            started(settings, environ, with_sandbox=with_sandbox, sandbox_options=options) as stack,
        ):
            say_text(_summary(stack, invented, with_sandbox=with_sandbox))
            _stay(stack, quiet=quiet)
    except KeyboardInterrupt:
        say("Stopped.")


def _for_sandbox(installation: Installation) -> Mapping[str, str]:
    """What is set in the environment for it: keys that were made up, and which ones the sandbox accepts."""
    names = installation.settings.connections
    if not names:
        raise ConfigError(
            "there is no connection for the sandbox: write relay.toml, set RELAY_<CONNECTOR>_API_KEY to any text, or run `relay demo`"
        )
    invented = sandbox_trial.draw(installation.settings, installation.keys)
    keys = {name: invented.get(variables_of(name, "API_KEY")[0]) or installation.keys.api_key(name) for name in names}
    return {**invented, "SANDBOX_KEYS": ",".join(f"{name}={key}@1" for name, key in keys.items())}


def _summary(stack: Stack, invented: Mapping[str, str], *, with_sandbox: bool) -> str:
    password = f" (user relay, password {stack.flower_password})" if stack.flower_password else ""
    token = f" (token {stack.console_token})" if stack.console_token else ""
    made_up = sorted(name for name in invented if name.startswith("RELAY_"))
    lines = [
        f"Receiver  {stack.web}/webhooks/<connection>   connections: {', '.join(stack.settings.connections) or 'none'}",
        f"Flower    {stack.flower}{password}",
        f"Console   {stack.console}{token}   metrics: /metrics",
        *([f"Sandbox   {stack.sandbox}"] if with_sandbox else []),
        *(
            [f"Made up   {', '.join(made_up)}: for the sandbox only, in {sandbox_trial.FILE} beside the logs"]
            if made_up
            else []
        ),
        *(
            [f"Forgotten what {', '.join(stack.forgotten)} made in an earlier sandbox: this one began empty"]
            if stack.forgotten
            else []
        ),
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
