"""`relay reconcile` compares a sender with our links and Upsales, and repairs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.options import by_option, listed_since_option, why_option
from worker.cli.output import json_option, print_json, say, show
from worker.cli.selection import number
from worker.errors import ConfigError

if TYPE_CHECKING:
    from worker.store.sources.findings import Finding
    from worker.store.sources.reconciliations import Reconciliation

COLUMNS = ("what", "kind", "thing", "record", "id", "fields", "newer", "because", "repair")
OFTEN = 2.0
"""Seconds between two words on how far it is."""


@click.command()
@click.argument("connection")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only these kinds of things; can be repeated.")
@listed_since_option
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Look at so many things at the most.")
@click.option("--repair", is_flag=True, help="Repair what differs, through events of its own.")
@click.option("--over-people", is_flag=True, help="With --repair: write over what people changed in Upsales, too.")
@json_option
@why_option
@by_option
@pass_installation
def reconcile(
    installation: Installation,
    connection: str,
    *,
    kinds: tuple[str, ...],
    since: datetime | None,
    limit: int | None,
    repair: bool,
    over_people: bool,
    as_json: bool,
    why: str | None,
    by: str,
) -> None:
    """Compare what a connection's sender has with what Upsales shows, and say what does not agree.

    Without --repair nothing is written. It can be broken off at any time, and done again.
    """
    from worker.delivery.backfill.items import kinds_to_read, listed_kinds
    from worker.delivery.reconcile.run import Asked, Reconciling

    if over_people and not repair:
        raise ConfigError("--over-people says how to repair: give it with --repair")
    configured = installation.connection(connection)
    if not listed_kinds(configured.connector):
        raise ConfigError(f"{configured.connector.name} lists nothing of its sender: there is nothing to compare with")
    listed = kinds_to_read(configured.connector, kinds)
    asked = Asked(
        kinds=listed,
        since=since,
        limit=limit,
        repair=repair,
        over_people=over_people,
        by=by,
    )
    runtime = installation.runtime
    crm = runtime.binding.clients.of(configured).on_behalf(None, behind=True)
    if repair:
        _noted(installation, connection, by, why, over_people=over_people)
    made = Reconciling(
        installation.store,
        installation.live_settings,
        configured,
        runtime.readers(configured),
        crm,
        tell=_Progress(quiet=as_json),
    )
    done = made.run(asked)
    if as_json:
        print_json(_packed(done))
        return
    _show(done)


def _noted(installation: Installation, connection: str, by: str, why: str | None, *, over_people: bool) -> None:
    from worker.store.people import audit
    from worker.store.people.audit import Actor

    outcome = "what people changed is written over, too" if over_people else "what people changed stands"
    with installation.store.write() as conn:
        audit.record(conn, Actor(by, "command"), "reconcile", f"connection/{connection}", why=why, outcome=outcome)


class _Progress:
    """Says now and then how many things were looked at."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._at = time.monotonic()

    def __call__(self, things: int) -> None:
        if not self._quiet and time.monotonic() - self._at > OFTEN:
            self._at = time.monotonic()
            say(f"{number(things, 'thing')} looked at.", err=True)


def _show(done: Reconciliation) -> None:
    show([_row(each) for each in done.findings], COLUMNS, as_json=False, empty="Nothing differs.")
    if done.more:
        say(f"and {done.more} more")
    counts = done.counts
    say(f"{number(counts.get('things', 0), 'thing')} looked at: {_told(counts)}.")
    if not done.whole:
        say("Not all of the sender's things were looked at, so nothing is told of records whose thing is gone there.")
    if done.repair:
        say(f"{number(counts.get('repairs', 0), 'event')} repair what may be repaired: see `relay events list`.")
    elif any(each.mends for each in done.findings):
        say("What says `yes` is repaired by the same command with --repair.")


def _told(counts: Mapping[str, int]) -> str:
    from worker.store.sources.findings import WHATS

    ended = {"waiting": "on their way", "ignored": "ignored by a rule", "dead": "that can't be planned"}
    told = [f"{counts.get(what, 0)} {what}" for what in WHATS]
    told += [f"{counts[name]} {words}" for name, words in ended.items() if counts.get(name)]
    return ", ".join(told)


def _row(found: Finding) -> dict[str, Any]:
    return {
        "what": found.what,
        "kind": found.kind or None,
        "thing": found.thing or None,
        "record": found.resource,
        "id": found.record_id,
        "fields": ", ".join(f"{name} ({why.replace('_', ' ')})" for name, why in found.fields.items()) or None,
        "newer": found.newer,
        "because": found.because,
        "repair": "yes" if found.mends else None,
    }


def _packed(done: Reconciliation) -> Mapping[str, Any]:
    return {
        "id": done.id,
        "connection": done.connection,
        "kinds": done.kinds,
        "since": done.since,
        "whole": done.whole,
        "repair": done.repair,
        "over_people": done.over_people,
        "counts": done.counts,
        "findings": [each.packed() for each in done.findings],
        "more": done.more,
    }
