"""`relay console` runs the console as a platform runs it."""

from __future__ import annotations

import os

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.local.console import command
from worker.cli.local.network import refuse_taken


@click.command()
@pass_installation
def console(installation: Installation) -> None:
    """Show how everything is, and take what people decide, on CONSOLE_PORT: pages, the admin API, /metrics for Prometheus."""
    settings = installation.settings
    refuse_taken({"CONSOLE_PORT": settings.console_port})
    server = command(settings.console_address, settings.console_port)
    os.execve(server[0], server, dict(installation.environ))  # noqa: S606 - our own program, no shell
