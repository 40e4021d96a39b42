"""`relay replay` delivers ended events again, each as a new event with its old time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import click

from worker.admin.event_acts import act
from worker.cli import many
from worker.cli.context import Installation, pass_installation
from worker.cli.options import Filters, by_option, event_filters, rate_option, why_option
from worker.cli.output import say
from worker.cli.selection import agreed, carry_out, named, number, yes_option
from worker.errors import ConfigError
from worker.store import Store
from worker.store.db.statuses import ENDED
from worker.store.events.events import Event
from worker.store.events.replay import replay as replay_event
from worker.store.events.replay import revive
from worker.store.events.replay_cancel import TakenBack, take_back
from worker.store.people.audit import Actor

Again: TypeAlias = Literal["replay", "refetch"]
WITHOUT_EFFECT = ("dead", "review")


@click.command()
@click.argument("events", nargs=-1)
@event_filters
@click.option("--status", "statuses", multiple=True, type=click.Choice(ENDED), help="Only these; can be repeated.")
@rate_option
@click.option(
    "--cancel",
    is_flag=True,
    help="Take back what waits for its turn: of all connections, of --connection, or of the batches that are named.",
)
@click.option(
    "--refetch",
    is_flag=True,
    help="Read again what was read of the sender's API; else it is planned from what was read.",
)
@why_option
@by_option
@yes_option
@pass_installation
def replay(
    installation: Installation,
    events: tuple[str, ...],
    *,
    filters: Filters,
    statuses: tuple[str, ...],
    a_minute: int,
    cancel: bool,
    refetch: bool,
    why: str | None,
    by: str,
    yes: bool,
) -> None:
    """Deliver ended events again, oldest first: these at once, or those that the filters leave, at --rate.

    No newer value is overwritten by them, and nothing is made twice. One that is dead or in review is tried again itself.
    """
    actor = Actor(by, "command")
    if cancel:
        if statuses or filters != Filters(filters.connection) or (events and filters):
            raise ConfigError(
                "--cancel takes back all that waits for its turn, that of --connection, or that of the batches that are named: nothing else narrows it"
            )
        _cancel(installation, actor, events, filters.connection, why)
        return
    kind: Again = "refetch" if refetch else "replay"
    narrowed = bool(filters or statuses)
    if events and narrowed:
        raise ConfigError("name the events, or narrow them by options: not both")
    if not events and not narrowed:
        raise ConfigError(
            "name the events, or narrow them by --connection, --type, --subject, --since, --until or --status"
        )
    if events:
        _named(installation, actor, kind, events, why)
    else:
        _narrowed(installation, actor, kind, filters, statuses or ENDED, a_minute, why=why, yes=yes)


def _named(installation: Installation, actor: Actor, kind: Again, events: Sequence[str], why: str | None) -> None:
    chosen = _ended(named(installation, events))
    say(f"{number(len(chosen), 'event')}.")
    done = carry_out(chosen, "Replaying", lambda event: act(installation.store, actor, kind, event.id, why))
    say(f"{done} will be delivered again.")


def _narrowed(
    installation: Installation,
    actor: Actor,
    kind: Again,
    filters: Filters,
    statuses: Sequence[str],
    a_minute: int,
    *,
    why: str | None,
    yes: bool,
) -> None:
    drafts = many.counted(installation, actor, kind, filters, statuses, a_minute)
    count = many.total(drafts)
    say(f"{number(count, 'event')}.")
    if not count:
        return
    if many.goes(installation.store, actor, drafts, lambda: yes or agreed(f"Deliver them again, {a_minute} a minute?")):
        many.begin(installation.store, actor, drafts, why)
        say(f"{count} will be delivered again, {a_minute} a minute.")


def _cancel(
    installation: Installation, actor: Actor, batches: Sequence[str], connection: str | None, why: str | None
) -> None:
    """Also of what an earlier release put off."""
    count = many.taken_back(installation.store, actor, batches, connection, why)
    taken = TakenBack() if batches else take_back(installation.store, connection)
    if not count and taken == TakenBack() and connection is not None:
        installation.connection(connection)
    say(many.told_of(count + taken.replays + taken.restored))
    if taken.left:
        say(f"{number(taken.left, 'event')} could not be: an earlier release put them off.", err=True)


def _ended(events: Sequence[Event]) -> Sequence[Event]:
    waits = next((event for event in events if event.status not in ENDED), None)
    if waits is not None:
        raise ConfigError(f"event {waits.id} is {waits.status}: it waits for its delivery already")
    return events


def again(store: Store, event: Event) -> None:
    """One that is dead or in review is tried again itself, any other as a new event."""
    if event.status in WITHOUT_EFFECT:
        revive(store, event.id)
    else:
        replay_event(store, event.id)
