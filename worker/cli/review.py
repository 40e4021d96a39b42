"""`relay review` lets a person decide about events whose outcome no machine can decide."""

from __future__ import annotations

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.options import Filters, event_filters, limit_option
from worker.cli.output import json_option, say
from worker.cli.replay import again
from worker.cli.review_keys import begun, deleted, key_of, undecided
from worker.cli.selection import Pile, agreed, carry_out, reason_option, show_list
from worker.cli.selection import named as named_events
from worker.cli.show import record_named, show_one
from worker.errors import ConfigError
from worker.plan import Key, QualifiedKey
from worker.store.events import replay
from worker.store.events.events import Event
from worker.store.ledger import reviews

REVIEW = Pile("review", otherwise="and waits for no decision; `relay review list` shows what does")
COLUMNS = ("id", "connection", "type", "subject", "received", "review_key", "candidates", "reason")
LARGEST = 2**63 - 1

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
@click.option("--yes", is_flag=True, help="Don't ask. The record is looked at all the same.")
@pass_installation
def adopt(installation: Installation, event: str, upsales_id: int, *, named: str | None, yes: bool) -> None:
    """Say which record in Upsales it is. What waits for it is tried again.

    Also for an ended event whose record was deleted in Upsales: that event is delivered again.
    """
    found = _adopting(installation, event)
    key = key_of(installation, found, named)
    told = record_named(installation, found.connection, key, upsales_id)
    if yes:
        say(told, err=True)
    if yes or agreed(f"{told}: is it {key.id}?"):
        reviews.adopt(installation.store, found.connection, key, upsales_id)
        _try_again(installation, found, key, f"{key.resource} {key.id} is {upsales_id}")


@review.command()
@click.argument("event")
@key_option
@pass_installation
def create(installation: Installation, event: str, *, named: str | None) -> None:
    """Say that the record was never made: it is made again. Look in Upsales first."""
    found = REVIEW.one(installation, event)
    key = key_of(installation, found, named)
    if not begun(installation, found.connection, key):
        raise ConfigError(
            f"no create of {key.resource} {key.id} was begun: say which record it is, with"
            f" `relay review adopt {found.id} <Upsales id>`, or mend it in Upsales, then `relay replay {found.id}`"
        )
    horizon = installation.settings.upsales.settled_after
    reviews.make_again(installation.store, found.connection, key, verify_in=horizon)
    _try_again(installation, found, key, f"{key.resource} {key.id} is made again")


@review.command()
@click.argument("events", nargs=-1, required=True)
@reason_option
@pass_installation
def drop(installation: Installation, events: tuple[str, ...], reason: str) -> None:
    """Give them up: they end as ignored, for this reason."""
    chosen = REVIEW.each(installation, events)
    told = f"dropped by a person: {reason}"
    done = carry_out(chosen, "Dropping", lambda event: replay.drop(installation.store, event.id, told))
    say(f"{done} dropped.")
    for key in dict.fromkeys(key for event in chosen for key in undecided(installation, event)):
        then = (
            "what became of its create is looked for; if nothing tells, the next event about it comes to review, too."
        )
        say(f"{key.resource} {key.id}: {then}", err=True)


def _adopting(installation: Installation, wanted: str) -> Event:
    """An event in review, or an ended one that is about a deleted record."""
    (event,) = named_events(installation, [wanted])
    if event.status not in ("pending", REVIEW.status) and deleted(installation, event):
        return event
    return REVIEW.one(installation, event.id)


def _try_again(installation: Installation, event: Event, key: Key, what: str) -> None:
    decided = QualifiedKey.of(event.connection, key)
    count = replay.revive_reviewed(installation.store, event.connection, event.subject, decided)
    if event.status != REVIEW.status:
        again(installation.store, event)
        count += 1
    say(f"{what}; {count} will be tried again.")
