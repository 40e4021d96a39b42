"""`relay dead` lists, shows, replays and drops dead letters."""

from __future__ import annotations

from collections.abc import Sequence

import click

from worker.admin.batch_views import BatchView
from worker.admin.batches import USUAL_RATE
from worker.admin.event_acts import act
from worker.cli import many
from worker.cli.context import Installation, pass_installation
from worker.cli.options import Filters, by_option, event_filters, limit_option, rate_option, why_option
from worker.cli.output import json_option, say
from worker.cli.selection import Pile, agreed, carry_out, number, reason_option, show_list, yes_option
from worker.cli.show import show_one
from worker.errors import ConfigError
from worker.store.people.audit import Actor

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
@why_option
@by_option
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
    why: str | None,
    by: str,
    yes: bool,
) -> None:
    """Try dead letters again: these at once, or with --all every one that the filters leave, at --rate."""
    _check(events, filters, every=every)
    store, actor = installation.store, Actor(by, "command")
    if not every:
        chosen = DEAD.each(installation, events)
        done = carry_out(chosen, "Trying again", lambda event: act(store, actor, "replay", event.id, why))
        say(f"{done} will be tried again.")
        return
    drafts = many.counted(installation, actor, "replay", filters, [DEAD.status], a_minute)
    if many.goes(store, actor, drafts, lambda: yes or _agreed(drafts, "Try them again?")):
        many.begin(store, actor, drafts, why)
        say(f"{many.total(drafts)} will be tried again, {a_minute} a minute.")


@dead.command()
@click.argument("events", nargs=-1)
@reason_option
@every_option
@event_filters
@by_option
@yes_option
@pass_installation
def drop(
    installation: Installation,
    /,
    events: tuple[str, ...],
    *,
    reason: str,
    every: bool,
    filters: Filters,
    by: str,
    yes: bool,
) -> None:
    """Give dead letters up: they end as ignored, for this reason."""
    _check(events, filters, every=every)
    store, actor = installation.store, Actor(by, "command")
    if not every:
        chosen = DEAD.each(installation, events)
        say(f"{carry_out(chosen, 'Dropping', lambda event: act(store, actor, 'drop', event.id, reason))} dropped.")
        return
    drafts = many.counted(installation, actor, "drop", filters, [DEAD.status], USUAL_RATE)
    if many.goes(store, actor, drafts, lambda: yes or _agreed(drafts, "Give them up?")):
        say(f"{many.carry_through(store, actor, drafts, reason)} dropped.")


def _check(events: Sequence[str], filters: Filters, *, every: bool) -> None:
    if every == bool(events):
        raise ConfigError("name the events, or give --all")
    if events and filters:
        raise ConfigError("name the events, or narrow --all by filters: not both")


def _agreed(drafts: Sequence[BatchView], question: str) -> bool:
    count = many.total(drafts)
    say(f"{number(count, 'dead letter')}.")
    return bool(count) and agreed(question)
