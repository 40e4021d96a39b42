"""`relay serve` runs the receiver as a platform runs it."""

from __future__ import annotations

import os

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.local.network import refuse_taken
from worker.cli.local.receiver import PROCESSES, command, raise_file_limit
from worker.errors import ConfigError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@pass_installation
def serve(installation: Installation, host: str) -> None:
    """Take webhooks in on PORT, with WEB_CONCURRENCY processes."""
    settings = installation.settings
    if not installation.environ.get("LISTEN_FDS"):  # else systemd listens for us
        refuse_taken({"PORT": settings.port})
    processes = _processes(installation.environ.get("WEB_CONCURRENCY", ""))
    raise_file_limit()
    server = command(host, settings.port, processes)
    os.execve(server[0], server, dict(installation.environ))  # noqa: S606 - our own program, no shell


def _processes(given: str) -> int:
    if not given:
        return PROCESSES
    if not given.isdecimal() or int(given) < 1:
        raise ConfigError(f"WEB_CONCURRENCY must be a number of processes, not {given!r}")
    return int(given)
