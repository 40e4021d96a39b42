"""`relay events`: what came in, and what became of it."""

from __future__ import annotations

import click

from worker.commands.choosing import show_list
from worker.commands.filters import STATUSES, Filters, event_filters, limit_option
from worker.commands.installation import Installation, pass_installation
from worker.commands.showing import show_one
from worker.commands.tables import json_option


@click.group()
def events() -> None:
    """What came in, and what became of it."""


@events.command(name="list")
@event_filters
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Only these; can be repeated.")
@limit_option
@json_option
@pass_installation
def list_events(
    installation: Installation, *, filters: Filters, statuses: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """Events, the newest first."""
    show_list(installation, filters, statuses=statuses, limit=limit, as_json=as_json, empty="No events.")


events.add_command(show_one)
