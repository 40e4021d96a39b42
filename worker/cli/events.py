"""`relay events` lists events and shows what became of each."""

from __future__ import annotations

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.options import STATUSES, Filters, event_filters, limit_option
from worker.cli.output import json_option, say
from worker.cli.selection import Pile, agreed, carry_out, number, reason_option, show_list, yes_option
from worker.cli.show import show_one
from worker.store.events.replay import drop as drop_event

WAITING = Pile("pending", otherwise="and does not wait; `relay dead drop` and `relay review drop` end the others")


@click.group()
def events() -> None:
    """List events and show what became of them."""


@events.command(name="list")
@event_filters
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Only these; can be repeated.")
@limit_option
@json_option
@pass_installation
def list_events(
    installation: Installation, *, filters: Filters, statuses: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """List events, the newest first."""
    show_list(installation, filters, statuses=statuses, limit=limit, as_json=as_json, empty="No events.")


events.add_command(show_one)


@events.command()
@click.argument("wanted", metavar="EVENTS...", nargs=-1, required=True)
@reason_option
@yes_option
@pass_installation
def drop(installation: Installation, /, wanted: tuple[str, ...], *, reason: str, yes: bool) -> None:
    """Give events up that wait: they end as ignored, for this reason. What was sent for one already stays in Upsales."""
    chosen = WAITING.each(installation, wanted)
    if yes or agreed(f"Give {number(len(chosen), 'waiting event')} up?"):
        told = f"dropped by a person: {reason}"
        say(f"{carry_out(chosen, 'Dropping', lambda event: drop_event(installation.store, event.id, told))} dropped.")
