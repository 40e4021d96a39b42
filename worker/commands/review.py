"""`relay review`: events whose outcome no machine can decide."""

from __future__ import annotations

import click

from worker.commands.deciding import key_of
from worker.commands.filters import event_filters, limit_option
from worker.commands.installation import Installation, pass_installation
from worker.commands.listing import COLUMNS, found, one, rows
from worker.commands.showing import show_event
from worker.commands.tables import json_option, show
from worker.errors import ConfigError
from worker.plan import Key
from worker.store import redo, reviews
from worker.store.events import Event

key_option = click.option(
    "--key", "named", metavar="RESOURCE:KEY", help="Which of the event's records, if it is about several."
)


@click.group()
def review() -> None:
    """Events that a person must decide."""


@review.command(name="list")
@event_filters
@limit_option
@json_option
@pass_installation
def list_review(
    installation: Installation,
    *,
    connection: str | None,
    type_: str | None,
    subject: str | None,
    since: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """What waits for a decision, the newest first."""
    listed = found(
        installation,
        connection=connection,
        type_=type_,
        subject=subject,
        since=since,
        statuses=["review"],
        limit=limit,
    )
    show(rows(listed), COLUMNS, as_json=as_json, empty="Nothing waits for a decision.")


@review.command(name="show")
@click.argument("event")
@json_option
@pass_installation
def show_one(installation: Installation, event: str, *, as_json: bool) -> None:
    """One of them: its request, its calls, and why it waits."""
    show_event(installation, event, as_json=as_json)


@review.command()
@click.argument("event")
@click.argument("upsales_id", type=click.IntRange(1))
@key_option
@click.option("--yes", is_flag=True, help="Don't ask Upsales which record that is, and don't ask you.")
@pass_installation
def adopt(installation: Installation, event: str, upsales_id: int, *, named: str | None, yes: bool) -> None:
    """Say which record in Upsales it is. What waits for it is tried again."""
    found = _waiting(installation, event)
    key = key_of(installation, found, named)
    if not (yes or click.confirm(f"{_record(installation, found, key, upsales_id)}: is it {key.id}?", err=True)):
        return
    reviews.adopt(installation.store, found.connection, key, upsales_id)
    _try_again(installation, found, f"{key.resource} {key.id} is {upsales_id}")


@review.command()
@click.argument("event")
@key_option
@pass_installation
def create(installation: Installation, event: str, *, named: str | None) -> None:
    """Say that the record was never made: it is made again. Look in Upsales first."""
    found = _waiting(installation, event)
    key = key_of(installation, found, named)
    horizon = installation.settings.upsales.commit_horizon
    reviews.make_again(installation.store, found.connection, key, verify_in=horizon)
    _try_again(installation, found, f"{key.resource} {key.id} is made again")


@review.command()
@click.argument("events", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why it need not take effect; kept with the event.")
@pass_installation
def drop(installation: Installation, events: tuple[str, ...], reason: str) -> None:
    """Give them up: they end as ignored, for this reason."""
    for event in events:
        redo.drop(installation.store, _waiting(installation, event).id, f"dropped by a person: {reason}")
    click.echo(f"{len(events)} dropped.")


def _waiting(installation: Installation, wanted: str) -> Event:
    event = one(installation, wanted)
    if event.status != "review":
        raise ConfigError(
            f"event {event.id} is {event.status}, and waits for no decision; `relay review list` shows what does"
        )
    return event


def _record(installation: Installation, event: Event, key: Key, upsales_id: int) -> str:
    """What Upsales calls the record."""
    connection = installation.connection(event.connection)
    data = installation.runtime.binding.of(connection).upsales.get(key.resource, upsales_id).data
    told = ", ".join(str(data[name]) for name in ("name", "description", "email", "orgNo") if data.get(name))
    return f"{key.resource} {upsales_id} is {told or 'without a name'}"


def _try_again(installation: Installation, event: Event, what: str) -> None:
    count = redo.revive_reviewed(installation.store, event.connection, event.subject)
    click.echo(f"{what}; {count} will be tried again.")
