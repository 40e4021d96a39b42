"""`relay audit` lists what people did, in the console, by the admin API and by commands."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

import click

from worker.admin import deeds
from worker.admin.cursors import Place
from worker.cli.context import Installation, pass_installation
from worker.cli.options import limit_option, since_option, until_option
from worker.cli.output import json_option, show
from worker.store.people.audit import Deed

COLUMNS = ("at", "who", "via", "act", "about", "why", "outcome")


@click.group()
def audit() -> None:
    """Show what people did."""


@audit.command("list")
@click.option("--who", metavar="NAME", help="Only what this person did.")
@click.option("--act", metavar="ACT", help="Only this act: replay, drop, forget, reveal …")
@click.option("--about", metavar="THING", help="Only what was done to this: connection/butik, event/ID, batch/ID …")
@since_option
@until_option
@limit_option
@json_option
@pass_installation
def list_(
    installation: Installation,
    *,
    who: str | None,
    act: str | None,
    about: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """What people did, the newest first: who, when, what, why, what came of it."""
    texts = {"who": who, "act": act, "about": about}
    times = {"since": since, "until": until}
    given = {name: (text,) for name, text in texts.items() if text is not None}
    given |= {name: (time.isoformat(),) for name, time in times.items() if time is not None}
    with installation.store.read() as conn:
        found = deeds.listed(conn, deeds.Filters(**given), Place(limit=limit))
    names = [field.name for field in fields(Deed)]
    rows = [{name: getattr(deed, name) for name in names} for deed in found.data]
    show(rows, COLUMNS, as_json=as_json, empty="Nobody did anything that is meant by this.")
