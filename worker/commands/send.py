"""`relay send`: a sample, signed, through the front door of a running receiver."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from worker.commands.installation import Installation, pass_installation
from worker.local.ports import HOST
from worker.local.samples import post, sample, signed


@click.command()
@click.argument("connection")
@click.argument("case", metavar="SAMPLE|FILE")
@click.option("--url", help="The receiver, if it is not on this machine: https://relay.example.com")
@pass_installation
def send(installation: Installation, connection: str, case: str, url: str | None) -> None:
    """Sign a sample, or a case in a file, and post it to a running receiver."""
    found = installation.connection(connection)
    target = f"{(url or f'http://{HOST}:{installation.settings.port}').rstrip('/')}/webhooks/{connection}"
    secrets = installation.keys.secrets(connection)
    chosen = sample(found.connector, case)
    accepted = post(signed(chosen, found.connector, target, secrets[0] if secrets else None, datetime.now(UTC)))
    click.echo(f"{accepted.status} {' '.join(accepted.events)}")
