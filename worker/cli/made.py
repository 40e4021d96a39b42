"""`relay made` lists the records that the relay made in Upsales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.options import MOST, connection_option, since_option
from worker.cli.output import json_option, say, show
from worker.store.ledger.made import Made
from worker.store.ledger.made import made as listed
from worker.store.ledger.write_calls import OPEN_STATES

COLUMNS = ("made", "connection", "resource", "record", "state", "why")
UNSURE = "What is open or unknown may have been made, too: its create got no answer yet."


@click.command()
@connection_option
@click.option("--resource", metavar="RESOURCE", help="Only these: account, contact, order, customfields/order …")
@since_option
@click.option(
    "--limit", type=click.IntRange(1, MOST), default=MOST, show_default=True, help="Show at most so many, the newest."
)
@json_option
@pass_installation
def made(
    installation: Installation,
    *,
    connection: str | None,
    resource: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the records that the relay made in Upsales, the newest first. What it found there and updated is not among them.

    It is read from the journal of calls, which goes back as far as the setting `keep_calls`: 90 days, if nothing else is set.
    """
    with installation.store.read() as conn:
        rows = listed(conn, connection=connection, resource=resource, since=since, limit=limit + 1)
    if not rows and connection is not None:
        installation.connection(connection)
    shown = rows[:limit]
    show(made_rows(shown), COLUMNS, as_json=as_json, empty="Nothing was made.")
    if shown:
        say(_counted(shown), err=True)
    if len(rows) > limit:
        say(f"These are the newest {limit}; --limit shows more.", err=True)


def made_rows(found: Sequence[Made]) -> list[dict[str, Any]]:
    return [
        {
            "made": each.at,
            "connection": each.connection,
            "account": each.account,
            "resource": each.resource,
            "record": each.record_id,
            "state": each.state,
            "event": each.event,
            "why": f"{each.event_type} {each.subject}" if each.event_type else None,
            "call": each.call,
        }
        for each in found
    ]


def _counted(found: Sequence[Made]) -> str:
    counts = Counter(each.resource for each in found if each.state == "done")
    told = ", ".join(
        f"{count} {resource if count == 1 else _several(resource)}" for resource, count in sorted(counts.items())
    )
    sentence = f"{counts.total()} made: {told}." if told else "None is known to be made."
    return f"{sentence} {UNSURE}" if any(each.state in OPEN_STATES for each in found) else sentence


def _several(resource: str) -> str:
    return f"{resource.removesuffix('y')}ies" if resource.endswith("y") else f"{resource}s"
