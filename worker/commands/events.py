"""`relay events`: what came in, and what became of it."""

from __future__ import annotations

import click

from worker.commands.filters import STATUSES, event_filters, limit_option
from worker.commands.installation import Installation, pass_installation
from worker.commands.listing import COLUMNS, found, rows
from worker.commands.showing import show_event
from worker.commands.tables import json_option, show


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
    installation: Installation,
    *,
    connection: str | None,
    type_: str | None,
    subject: str | None,
    since: str | None,
    statuses: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Events, the newest first."""
    listed = found(
        installation,
        connection=connection,
        type_=type_,
        subject=subject,
        since=since,
        statuses=statuses,
        limit=limit,
    )
    show(rows(listed), COLUMNS, as_json=as_json, empty="No events.")


@events.command(name="show")
@click.argument("event")
@json_option
@pass_installation
def show_one(installation: Installation, event: str, *, as_json: bool) -> None:
    """One event, by its id or its sender's: its request and its calls."""
    show_event(installation, event, as_json=as_json)
