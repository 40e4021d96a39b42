"""Selects the events that a command acts on, by name or by filters, and asks first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import click

from worker.admin.refusals import Conflict, NotThere
from worker.cli.context import Installation
from worker.cli.options import Filters
from worker.cli.output import confirmed, say, show
from worker.errors import ConfigError
from worker.store.events import events as stored
from worker.store.events.events import Event

COLUMNS = ("id", "connection", "type", "subject", "status", "attempts", "received", "next_attempt", "reason")


def found(
    installation: Installation, filters: Filters, *, statuses: Collection[str] = (), limit: int
) -> Sequence[Event]:
    """The newest first. Raises ConfigError for a connection that nobody ever heard of."""
    with installation.store.read() as conn:
        events = stored.listed(
            conn,
            connection=filters.connection,
            type=filters.type,
            subject=filters.subject,
            statuses=statuses,
            since=filters.since,
            until=filters.until,
            limit=limit,
        )
    if not events and filters.connection is not None:
        installation.connection(filters.connection)
    return events


def show_list(
    installation: Installation,
    filters: Filters,
    *,
    statuses: Collection[str] = (),
    limit: int,
    as_json: bool,
    empty: str,
    columns: Sequence[str] = COLUMNS,
) -> None:
    events = found(installation, filters, statuses=statuses, limit=limit + 1)
    show(rows(events[:limit]), columns, as_json=as_json, empty=empty)
    if len(events) > limit:
        say(f"These are the newest {limit}; --limit shows more.", err=True)


def rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [
        {
            "id": event.id,
            "connection": event.connection,
            "type": event.type,
            "subject": event.subject,
            "status": event.status,
            "attempts": event.attempts,
            "received": event.received_at,
            "next_attempt": event.next_attempt,
            "reason": event.reason,
            "review_key": event.review_key,
            "candidates": event.candidates,
            "event_id": event.event_id,
            "time": event.time,
        }
        for event in events
    ]


def one(installation: Installation, wanted: str) -> Event:
    """By our id or the sender's."""
    with installation.store.read() as conn:
        event = stored.show(conn, wanted)
    if event is None:
        raise ConfigError(f"there is no event {wanted}; `relay events list` shows the newest")
    return event


def our_id(installation: Installation, wanted: str) -> str:
    """By our id or the sender's; what was given, of an event that is no longer kept."""
    with installation.store.read() as conn:
        event = stored.show(conn, wanted)
    return wanted if event is None else event.id


def _said(_ctx: click.Context, _param: click.Parameter, reason: str) -> str:
    if not reason.strip():
        raise click.BadParameter("say why, in a few words.")
    return reason


yes_option = click.option("--yes", is_flag=True, help="Don't ask.")
reason_option = click.option(
    "--reason", required=True, callback=_said, help="Why it need not take effect; kept with the event."
)


@dataclass(frozen=True, slots=True)
class Pile:
    """The events that a person has to do something about: those of one status. `otherwise`: what is said of any other."""

    status: str
    otherwise: str

    def one(self, installation: Installation, wanted: str) -> Event:
        event = named(installation, [wanted])[0]
        if event.status != self.status:
            raise ConfigError(f"event {event.id} is {event.status}, {self.otherwise}")
        return event

    def each(self, installation: Installation, wanted: Sequence[str]) -> Sequence[Event]:
        return [self.one(installation, each) for each in dict.fromkeys(wanted)]


def named(installation: Installation, wanted: Sequence[str]) -> Sequence[Event]:
    """Each once. Of a sender's id, which may be another's too, it is told which event it was taken for."""
    events = {each: one(installation, each) for each in wanted}
    for each, event in events.items():
        if each != event.id:
            told = f"{each} is {event.id}, of {event.connection}: {event.type} {event.subject}"
            say(told, err=True)
    return list({event.id: event for event in events.values()}.values())


def agreed(question: str) -> bool:
    """Raises ConfigError where nobody can be asked."""
    try:
        return confirmed(question)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise ConfigError("nobody is there to be asked, and nothing was done: give --yes") from None


def carry_out(events: Sequence[Event], label: str, act: Callable[[Event], object]) -> int:
    """Answers how many; one that somebody else ended meanwhile is left as it is, and told of."""
    done = 0
    try:
        with click.progressbar(events, label=label, file=sys.stderr) as progress:
            for event in progress:
                try:
                    act(event)
                except (ConfigError, Conflict, NotThere) as error:
                    say(f"Left out: {error}", err=True)
                else:
                    done += 1
    except KeyboardInterrupt:
        say(f"Interrupted: {done} of {len(events)} were done.", err=True)
        raise
    return done


def number(count: int, one: str, several: str = "") -> str:
    """`several`: where it is not `one` with an s."""
    return f"{count} {one if count == 1 else several or f'{one}s'}"
