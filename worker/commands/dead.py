"""`relay dead`: events that will not succeed without a person."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

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


every_option = click.option("--all", "every", is_flag=True, help="Every dead letter that the filters leave.")
yes_option = click.option("--yes", is_flag=True, help="Don't ask.")


@dead.command()
@click.argument("events", nargs=-1)
@every_option
@event_filters
@yes_option
@pass_installation
def replay(
    installation: Installation, /, events: tuple[str, ...], *, every: bool, yes: bool, **filters: str | None
) -> None:
    """Try dead letters again: these, or with --all every one that the filters leave."""
    chosen = _chosen(installation, events, filters, every=every)
    if not _agreed(chosen, "Try them again?", ask=every and not yes):
        return
    with click.progressbar(chosen, label="Trying again", file=sys.stderr) as progress:
        for event in progress:
            redo.revive(installation.store, event)
    click.echo(f"{len(chosen)} will be tried again.")


@dead.command()
@click.argument("events", nargs=-1)
@click.option("--reason", required=True, help="Why it need not take effect; kept with the event.")
@every_option
@event_filters
@yes_option
@pass_installation
def drop(
    installation: Installation,
    /,
    events: tuple[str, ...],
    *,
    reason: str,
    every: bool,
    yes: bool,
    **filters: str | None,
) -> None:
    """Give dead letters up: they end as ignored, for this reason."""
    chosen = _chosen(installation, events, filters, every=every)
    if not _agreed(chosen, "Give them up?", ask=every and not yes):
        return
    for event in chosen:
        redo.drop(installation.store, event, f"dropped by a person: {reason}")
    click.echo(f"{len(chosen)} dropped.")


def _chosen(
    installation: Installation, events: Sequence[str], filters: Mapping[str, str | None], *, every: bool
) -> Sequence[str]:
    """The oldest first."""
    if every == bool(events):
        raise ConfigError("name the events, or give --all")
    if every:
        listed = found(installation, statuses=["dead"], limit=MOST, **filters)
        return [event.id for event in reversed(listed)]
    chosen = [one(installation, event) for event in events]
    alive = next((event for event in chosen if event.status != "dead"), None)
    if alive is not None:
        raise ConfigError(f"event {alive.id} is {alive.status}, and no dead letter; `relay dead list` shows those")
    return [event.id for event in chosen]


def _agreed(chosen: Sequence[str], question: str, *, ask: bool) -> bool:
    if ask:
        click.echo(f"{len(chosen)} dead letters.")
    return not ask or (bool(chosen) and click.confirm(question, err=True))
