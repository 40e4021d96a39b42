"""`relay send` posts a signed sample to a running receiver."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.local.lockfile import running
from worker.cli.local.network import HOST
from worker.cli.local.samples import post, sample, signed
from worker.cli.output import say
from worker.errors import ConfigError
from worker.settings import Settings
from worker.settings.variables import variables_of


@click.command()
@click.argument("connection")
@click.argument("case", metavar="SAMPLE|FILE")
@click.option("--url", help="The receiver, if it is not on this machine: https://relay.example.com")
@pass_installation
def send(installation: Installation, connection: str, case: str, url: str | None) -> None:
    """Sign a sample, or a case in a file, and post it to a running receiver."""
    found = installation.connection(connection)
    chosen = sample(found.connector, case)
    target = f"{(url or _receiver(installation.settings)).rstrip('/')}/webhooks/{connection}"
    secrets = installation.keys.secrets(connection)
    if found.connector.signature.needs_secret and not secrets:
        variable, _ = variables_of(connection, "SECRET")
        raise ConfigError(
            f"nothing to sign with: {connection} has no signing secret; set {variable}, or `relay keys set {connection} --secret`"
        )
    accepted = post(signed(chosen, found.connector, target, secrets[0] if secrets else None, datetime.now(UTC)))
    say(f"{accepted.status} {' '.join(accepted.events)}")


def _receiver(settings: Settings) -> str:
    here = running(settings)
    return here.web if here else f"http://{HOST}:{settings.port}"
