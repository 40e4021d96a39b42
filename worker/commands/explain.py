"""`relay explain`: the exact calls an event would make, making none."""

from __future__ import annotations

import click


@click.command()
@click.argument("event", metavar="EVENT|FILE")
def explain(event: str) -> None:
    """Show the exact calls an event, or a case in a file, would make, making none."""
    raise click.ClickException(f"nothing can be told about {event} yet")
