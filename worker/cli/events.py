"""`relay events` lists events and shows what became of each."""

from __future__ import annotations

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.options import STATUSES, Filters, event_filters, limit_option
from worker.cli.output import json_option
from worker.cli.selection import show_list
from worker.cli.show import show_one


@click.group()
def events() -> None:
    """List events and show what became of them."""


@events.command(name="list")
@event_filters
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Only these; can be repeated.")
@limit_option
@json_option
@pass_installation
def list_events(
    installation: Installation, *, filters: Filters, statuses: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """List events, the newest first."""
    show_list(installation, filters, statuses=statuses, limit=limit, as_json=as_json, empty="No events.")


events.add_command(show_one)
