"""`relay review` lets a person decide about events whose outcome no machine can decide."""

from __future__ import annotations

from collections.abc import Sequence

import click

from worker.admin.reviews.decide import LARGEST, Decision, NotBegun, decide
from worker.admin.reviews.keys import AboutNothing, NotAbout, Several, deleted, key_of, keys_of, text_of, undecided
from worker.admin.reviews.proof import prove
from worker.admin.reviews.reading import Reader
from worker.cli.context import Installation, pass_installation
from worker.cli.options import Filters, by_option, event_filters, limit_option, why_option
from worker.cli.output import json_option, say
from worker.cli.selection import Pile, agreed, carry_out, reason_option, show_list
from worker.cli.selection import named as named_events
from worker.cli.show import show_one
from worker.errors import ConfigError
from worker.plan import Key
from worker.store.events.events import Event
from worker.store.people.audit import Actor

REVIEW = Pile("review", otherwise="and waits for no decision; `relay review list` shows what does")
COLUMNS = ("id", "connection", "type", "subject", "received", "review_key", "candidates", "reason")

key_option = click.option(
    "--key", "named", metavar="RESOURCE:KEY", help="The record that you decide about, if the event has several."
)


@click.group()
def review() -> None:
    """Decide about events that wait for a person."""


@review.command(name="list")
@event_filters
@limit_option
@json_option
@pass_installation
def list_review(installation: Installation, *, filters: Filters, limit: int, as_json: bool) -> None:
    """List events that wait for a decision, the newest first."""
    empty = "Nothing waits for a decision."
    show_list(
        installation, filters, statuses=[REVIEW.status], limit=limit, as_json=as_json, empty=empty, columns=COLUMNS
    )


review.add_command(show_one)


@review.command()
@click.argument("event")
@click.argument("upsales_id", type=click.IntRange(1, LARGEST))
@key_option
@by_option
@why_option
@click.option("--yes", is_flag=True, help="Don't ask. The record is looked at all the same.")
@pass_installation
def adopt(
    installation: Installation,
    event: str,
    upsales_id: int,
    *,
    named: str | None,
    by: str,
    why: str | None,
    yes: bool,
) -> None:
    """Say which record in Upsales it is. What waits for it is tried again.

    Also for an ended event whose record was deleted in Upsales: that event is delivered again.
    """
    found = _adopting(installation, event)
    key = _key(installation, found, named)
    proven = prove(installation, Reader(installation), found.connection, key, upsales_id, None)
    whose = f", and {proven.owner.id} already" if proven.owner else ""
    told = f"{key.resource} {upsales_id} is {proven.called(masked=False)}{whose}"
    if yes:
        say(told, err=True)
    if yes or agreed(f"{told}: is it {key.id}?"):
        decision = Decision("adopt", key, upsales_id)
        done = decide(installation, _actor(by), found, decision, why=why, keys=_keys(installation, found, key))
        say(f"{key.resource} {key.id} is {upsales_id}; {done.tried_again} will be tried again.")


@review.command()
@click.argument("event")
@key_option
@by_option
@why_option
@pass_installation
def create(installation: Installation, event: str, *, named: str | None, by: str, why: str | None) -> None:
    """Say that the record was never made: it is made again. Look in Upsales first."""
    found = REVIEW.one(installation, event)
    key = _key(installation, found, named)
    try:
        done = decide(installation, _actor(by), found, Decision("create", key), why=why)
    except NotBegun as error:
        raise ConfigError(
            f"{error}: say which record it is, with"
            f" `relay review adopt {found.id} <Upsales id>`, or mend it in Upsales, then `relay replay {found.id}`"
        ) from None
    say(f"{key.resource} {key.id} is made again; {done.tried_again} will be tried again.")


@review.command()
@click.argument("events", nargs=-1, required=True)
@reason_option
@by_option
@pass_installation
def drop(installation: Installation, events: tuple[str, ...], reason: str, *, by: str) -> None:
    """Give them up: they end as ignored, for this reason."""
    chosen = REVIEW.each(installation, events)
    actor, dropped = _actor(by), Decision("drop")
    done = carry_out(chosen, "Dropping", lambda event: _drop(installation, actor, event, dropped, reason))
    say(f"{done} dropped.")
    for key in dict.fromkeys(key for event in chosen for key in undecided(installation, event)):
        then = (
            "what became of its create is looked for; if nothing tells, the next event about it comes to review, too."
        )
        say(f"{key.resource} {key.id}: {then}", err=True)


def _drop(installation: Installation, actor: Actor, event: Event, dropped: Decision, reason: str) -> None:
    decide(installation, actor, event, dropped, why=reason)


def _actor(by: str) -> Actor:
    return Actor(by, "command")


def _adopting(installation: Installation, wanted: str) -> Event:
    """An event in review, or an ended one that is about a deleted record."""
    (event,) = named_events(installation, [wanted])
    if event.status not in ("pending", REVIEW.status) and deleted(installation, event):
        return event
    return REVIEW.one(installation, event.id)


def _keys(installation: Installation, event: Event, key: Key) -> Sequence[Key]:
    """What an ended event is about: any record of it can be the deleted one."""
    return [key] if event.status == REVIEW.status else keys_of(installation, event)


def _key(installation: Installation, event: Event, named: str | None) -> Key:
    """Raises ConfigError, with the options that would help."""
    try:
        return key_of(installation, event, named)
    except AboutNothing as error:
        raise ConfigError(f"{error}; `relay review drop {event.id}` ends it") from None
    except Several as error:
        choices = ", ".join(f"--key {text_of(key)}" for key in error.keys)
        raise ConfigError(f"event {event.id} is about several records; say which one: {choices}") from None
    except NotAbout as error:
        raise ConfigError(f"--key {error}") from None
