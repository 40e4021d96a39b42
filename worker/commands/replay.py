"""`relay replay`: ended events once more, as events of their own with the same place in time."""

from __future__ import annotations

import sys

import click

from worker.commands.filters import STATUSES, event_filters
from worker.commands.installation import Installation, pass_installation
from worker.commands.listing import found, one
from worker.errors import ConfigError
from worker.store import redo

MOST = 1_000_000
ENDED = tuple(status for status in STATUSES if status != "pending")


@click.command()
@click.argument("events", nargs=-1)
@event_filters
@click.option("--status", "statuses", multiple=True, type=click.Choice(ENDED), help="Only these; can be repeated.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@pass_installation
def replay(
    installation: Installation,
    events: tuple[str, ...],
    *,
    connection: str | None,
    type_: str | None,
    subject: str | None,
    since: str | None,
    statuses: tuple[str, ...],
    yes: bool,
) -> None:
    """Deliver ended events again, oldest first: these, or those that the filters leave. No newer value is overwritten by them."""
    if events:
        chosen = [one(installation, event).id for event in events]
    elif any((connection, type_, subject, since, statuses)):
        listed = found(
            installation,
            connection=connection,
            type_=type_,
            subject=subject,
            since=since,
            statuses=statuses or ENDED,
            limit=MOST,
        )
        chosen = [event.id for event in reversed(listed)]
    else:
        raise ConfigError("name the events, or narrow them by --connection, --type, --subject, --since or --status")
    click.echo(f"{len(chosen)} events.")
    if not chosen or not (yes or click.confirm("Deliver them again?", err=True)):
        return
    with click.progressbar(chosen, label="Replaying", file=sys.stderr) as progress:
        for event in progress:
            redo.replay(installation.store, event)
    click.echo(f"{len(chosen)} will be delivered again.")
