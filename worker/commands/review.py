"""`relay review`: events whose outcome no machine can decide."""

from __future__ import annotations

import click

from worker.commands.filters import event_filters, limit_option
from worker.commands.installation import Installation, pass_installation
from worker.commands.listing import COLUMNS, found, rows
from worker.commands.showing import show_event
from worker.commands.tables import json_option, show


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
