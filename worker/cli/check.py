"""`relay check` reads the settings and names what is wrong, before a server starts."""

from __future__ import annotations

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.local.network import refuse_taken
from worker.cli.output import say


@click.command()
@click.argument("ports", metavar="[PORT|FLOWER_PORT]...", nargs=-1, type=click.Choice(["PORT", "FLOWER_PORT"]))
@pass_installation
def check(installation: Installation, ports: tuple[str, ...]) -> None:
    """Check the settings, and that these ports are free. Print nothing when all is well.

    What is wrong with one connection is told, and stops nothing.
    """
    settings = installation.settings
    for line in (*settings.misconfigured.values(), *settings.strays.values()):
        say(f"relay: {line}", err=True)
    known = {"PORT": settings.port, "FLOWER_PORT": settings.flower_port}
    refuse_taken({name: known[name] for name in ports})
