"""`relay dead`: events that will not succeed without a person."""

from __future__ import annotations

import sys

import click

from worker.commands.filters import event_filters, limit_option
from worker.commands.installation import Installation, pass_installation
from worker.commands.listing import COLUMNS, found, one, rows
from worker.commands.showing import show_event
from worker.commands.tables import json_option, show
from worker.errors import ConfigError
from worker.store import redo

MOST = 1_000_000


@click.group()
def dead() -> None:
    """Events that will not succeed without a person."""


@dead.command(name="list")
@event_filters
@limit_option
@json_option
@pass_installation
def list_dead(
    installation: Installation,
    *,
    connection: str | None,
    type_: str | None,
    subject: str | None,
    since: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Dead letters, the newest first, and why they are."""
    listed = found(
        installation,
        connection=connection,
        type_=type_,
        subject=subject,
        since=since,
        statuses=["dead"],
        limit=limit,
    )
    show(rows(listed), COLUMNS, as_json=as_json, empty="No dead letters.")


@dead.command(name="show")
@click.argument("event")
@json_option
@pass_installation
def show_one(installation: Installation, event: str, *, as_json: bool) -> None:
    """One dead letter: its request and its calls."""
    show_event(installation, event, as_json=as_json)


@dead.command()
@click.argument("events", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every dead letter that the filters leave.")
@event_filters
@pass_installation
def replay(
    installation: Installation,
    events: tuple[str, ...],
    *,
    every: bool,
    connection: str | None,
    type_: str | None,
    subject: str | None,
    since: str | None,
) -> None:
    """Try dead letters again: these, or with --all every one."""
    if every == bool(events):
        raise ConfigError("name the events, or give --all")
    if every:
        listed = found(
            installation,
            connection=connection,
            type_=type_,
            subject=subject,
            since=since,
            statuses=["dead"],
            limit=MOST,
        )
        events = tuple(event.id for event in reversed(listed))
    else:
        events = tuple(one(installation, event).id for event in events)
    with click.progressbar(events, label="Trying again", file=sys.stderr) as progress:
        for event in progress:
            redo.revive(installation.store, event)
    click.echo(f"{len(events)} will be tried again.")


@dead.command()
@click.argument("events", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why it need not take effect; kept with the event.")
@pass_installation
def drop(installation: Installation, events: tuple[str, ...], reason: str) -> None:
    """Give dead letters up: they end as ignored, for this reason."""
    for event in events:
        redo.drop(installation.store, one(installation, event).id, f"dropped by a person: {reason}")
    click.echo(f"{len(events)} dropped.")
