"""`relay replay` delivers ended events again, each as a new event with its old time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.options import Filters, event_filters, one_after_the_other, rate_option
from worker.cli.output import say
from worker.cli.selection import agreed, carry_out, left, named, number, yes_option
from worker.errors import ConfigError
from worker.store import Store
from worker.store.db.statuses import ENDED
from worker.store.events.events import Event
from worker.store.events.replay import replay as replay_event
from worker.store.events.replay import revive
from worker.store.events.replay_cancel import TakenBack, take_back

WITHOUT_EFFECT = ("dead", "review")


@click.command()
@click.argument("events", nargs=-1)
@event_filters
@click.option("--status", "statuses", multiple=True, type=click.Choice(ENDED), help="Only these; can be repeated.")
@rate_option
@click.option(
    "--cancel", is_flag=True, help="Take back what waits for its turn, of all connections or of --connection."
)
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
    yes: bool,
) -> None:
    """Deliver ended events again, oldest first: these at once, or those that the filters leave, at --rate.

    No newer value is overwritten by them, and nothing is made twice. One that is dead or in review is tried again itself.
    """
    if cancel:
        if events or statuses or filters != Filters(filters.connection):
            raise ConfigError(
                "--cancel takes back all that waits for its turn, or that of --connection: nothing else narrows it"
            )
        _cancel(installation, filters.connection)
        return
    narrowed = bool(filters or statuses)
    if events and narrowed:
        raise ConfigError("name the events, or narrow them by options: not both")
    if not events and not narrowed:
        raise ConfigError(
            "name the events, or narrow them by --connection, --type, --subject, --since, --until or --status"
        )
    chosen = _ended(named(installation, events)) if events else _once(left(installation, filters, statuses or ENDED))
    say(f"{number(len(chosen), 'event')}.")
    if events:
        done = carry_out(chosen, "Replaying", lambda event: again(installation.store, event))
        say(f"{done} will be delivered again.")
    elif chosen and (yes or agreed(f"Deliver them again, {a_minute} a minute?")):
        done = one_after_the_other(installation.store, chosen, a_minute)
        say(f"{done} will be delivered again, {a_minute} a minute.")


def _cancel(installation: Installation, connection: str | None) -> None:
    taken = take_back(installation.store, connection)
    if taken == TakenBack() and connection is not None:
        installation.connection(connection)
    count = taken.replays + taken.restored
    say(
        f"{number(count, 'event')} taken back, as before the replay; what had begun goes on."
        if count
        else "No replay waits for its turn: nothing was taken back."
    )
    if taken.left:
        say(f"{number(taken.left, 'event')} could not be: an earlier release put them off.", err=True)


def _ended(events: Sequence[Event]) -> Sequence[Event]:
    waits = next((event for event in events if event.status not in ENDED), None)
    if waits is not None:
        raise ConfigError(f"event {waits.id} is {waits.status}: it waits for its delivery already")
    return events


def _once(events: Iterable[Event]) -> Sequence[Event]:
    """Of an event and its earlier replays the newest: else each round would bring twice as many as the one before."""
    newest = {(event.connection, event.event_id): event for event in events}
    return sorted(newest.values(), key=lambda event: (event.time, event.seq))


def again(store: Store, event: Event) -> None:
    """One that is dead or in review is tried again itself, any other as a new event."""
    if event.status in WITHOUT_EFFECT:
        revive(store, event.id)
    else:
        replay_event(store, event.id)
