"""`relay events` lists events and shows what became of each."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click

from worker.admin.event_acts import act
from worker.cli import follow as following
from worker.cli.context import Installation, pass_installation
from worker.cli.follow import REACH, Places
from worker.cli.options import Filters, by_option, event_filters, follow_option, limit_option
from worker.cli.output import json_option, say
from worker.cli.selection import Pile, agreed, carry_out, found, number, reason_option, rows, show_list, yes_option
from worker.cli.show import show_one
from worker.errors import ConfigError
from worker.store import Store
from worker.store.db.statuses import STATUSES
from worker.store.events import latest
from worker.store.events.events import Event, narrowed
from worker.store.people.audit import Actor

FOLLOWED = ("received", "status", "connection", "type", "subject", "id", "reason")
WAITING = Pile("pending", otherwise="and does not wait; `relay dead drop` and `relay review drop` end the others")


@click.group()
def events() -> None:
    """List events and show what became of them."""


@events.command(name="list")
@event_filters
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Only these; can be repeated.")
@limit_option
@follow_option
@json_option
@pass_installation
def list_events(
    installation: Installation,
    *,
    filters: Filters,
    statuses: tuple[str, ...],
    limit: int,
    follow: bool,
    as_json: bool,
) -> None:
    """List events, the newest first.

    With --follow each event is shown when it comes, and again when it has ended.
    """
    if not follow:
        show_list(installation, filters, statuses=statuses, limit=limit, as_json=as_json, empty="No events.")
        return
    if filters.until is not None:
        raise ConfigError("--follow goes on for ever: leave --until out")
    tail = EventTail(installation.store, filters, statuses)
    first = rows(found(installation, filters, statuses=statuses, limit=limit)[::-1])
    following.follow(first, lambda: rows(tail.news(time.monotonic())), FOLLOWED, as_json=as_json)


class EventTail:
    """What came since it was made, and what of that, or of what waited then, has ended since."""

    def __init__(self, store: Store, filters: Filters, statuses: Sequence[str]) -> None:
        self._store, self._statuses = store, statuses
        self._wanted = narrowed(connection=filters.connection, type=filters.type, subject=filters.subject)
        with store.read() as conn:
            newest = latest.newest(conn)
            self._places = Places(newest, latest.places(conn, newest - REACH))
            self._waiting = set(latest.waiting(conn, self._wanted))

    def news(self, now: float) -> Sequence[Event]:
        """`now`: seconds of any clock that is never set back."""
        with self._store.read() as conn:
            came = self._places.new(latest.places(conn, self._places.floor, self._wanted), now)
            ended = latest.ended(conn, self._waiting)
            told = list(latest.of_places(conn, {*came, *ended}))
        self._waiting = {*self._waiting, *(event.seq for event in told if event.status == "pending")} - ended
        self._waiting = set(sorted(self._waiting)[-latest.MOST :])
        return [event for event in told if not self._statuses or event.status in self._statuses]


events.add_command(show_one)


@events.command()
@click.argument("wanted", metavar="EVENTS...", nargs=-1, required=True)
@reason_option
@by_option
@yes_option
@pass_installation
def drop(installation: Installation, /, wanted: tuple[str, ...], *, reason: str, by: str, yes: bool) -> None:
    """Give events up that wait: they end as ignored, for this reason. What was sent for one already stays in Upsales."""
    chosen = WAITING.each(installation, wanted)
    if yes or agreed(f"Give {number(len(chosen), 'waiting event')} up?"):
        store, actor = installation.store, Actor(by, "command")
        say(f"{carry_out(chosen, 'Dropping', lambda event: act(store, actor, 'drop', event.id, reason))} dropped.")
