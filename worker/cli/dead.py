"""`relay dead` lists, shows, replays and drops dead letters."""

from __future__ import annotations

from collections.abc import Sequence

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.options import Filters, event_filters, limit_option, one_after_the_other, rate_option
from worker.cli.output import json_option, say
from worker.cli.selection import Pile, agreed, carry_out, left, number, reason_option, show_list, yes_option
from worker.cli.show import show_one
from worker.errors import ConfigError
from worker.store.events.events import Event
from worker.store.events.replay import drop as drop_event
from worker.store.events.replay import revive

DEAD = Pile("dead", otherwise="and no dead letter; `relay dead list` shows those")

every_option = click.option("--all", "every", is_flag=True, help="Every dead letter that the filters leave.")


@click.group()
def dead() -> None:
    """List, show, replay and drop dead letters: events that need a person."""


@dead.command(name="list")
@event_filters
@limit_option
@json_option
@pass_installation
def list_dead(installation: Installation, *, filters: Filters, limit: int, as_json: bool) -> None:
    """List dead letters with their reasons, the newest first."""
    show_list(installation, filters, statuses=[DEAD.status], limit=limit, as_json=as_json, empty="No dead letters.")


dead.add_command(show_one)


@dead.command()
@click.argument("events", nargs=-1)
@every_option
@event_filters
@rate_option
@yes_option
@pass_installation
def replay(
    installation: Installation,
    /,
    events: tuple[str, ...],
    *,
    every: bool,
    filters: Filters,
    a_minute: int,
    yes: bool,
) -> None:
    """Try dead letters again: these at once, or with --all every one that the filters leave, at --rate."""
    chosen = _chosen(installation, events, filters, every=every)
    if not _agreed(chosen, "Try them again?", ask=every and not yes):
        return
    if every:
        done = one_after_the_other(installation.store, chosen, a_minute)
        say(f"{done} will be tried again, {a_minute} a minute.")
    else:
        done = carry_out(chosen, "Trying again", lambda event: revive(installation.store, event.id))
        say(f"{done} will be tried again.")


@dead.command()
@click.argument("events", nargs=-1)
@reason_option
@every_option
@event_filters
@yes_option
@pass_installation
def drop(
    installation: Installation, /, events: tuple[str, ...], *, reason: str, every: bool, filters: Filters, yes: bool
) -> None:
    """Give dead letters up: they end as ignored, for this reason."""
    chosen = _chosen(installation, events, filters, every=every)
    if _agreed(chosen, "Give them up?", ask=every and not yes):
        told = f"dropped by a person: {reason}"
        done = carry_out(chosen, "Dropping", lambda event: drop_event(installation.store, event.id, told))
        say(f"{done} dropped.")


def _chosen(installation: Installation, events: Sequence[str], filters: Filters, *, every: bool) -> Sequence[Event]:
    if every == bool(events):
        raise ConfigError("name the events, or give --all")
    if events and filters:
        raise ConfigError("name the events, or narrow --all by filters: not both")
    return left(installation, filters, [DEAD.status]) if every else DEAD.each(installation, events)


def _agreed(chosen: Sequence[Event], question: str, *, ask: bool) -> bool:
    if ask:
        say(f"{number(len(chosen), 'dead letter')}.")
    return not ask or (bool(chosen) and agreed(question))
