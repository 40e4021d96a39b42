"""Prints one event in full: what came in, and the calls that were made for it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

import click

from worker.cli.calls import CALL_COLUMNS, call_rows
from worker.cli.context import Installation, pass_installation
from worker.cli.output import json_option, print_json, say, say_text, show, utc
from worker.cli.selection import one
from worker.cli.source_calls import COLUMNS as SOURCE_COLUMNS
from worker.cli.source_calls import rows as source_rows
from worker.store.events import events as stored
from worker.store.events import traces
from worker.store.ledger import journal, source_calls

CALLS = 200


@click.command(name="show")
@click.argument("event")
@json_option
@pass_installation
def show_one(installation: Installation, event: str, *, as_json: bool) -> None:
    """One event, by its id or its sender's: why it is as it is, its request and its calls."""
    found = one(installation, event)
    with installation.store.read() as conn:
        request = stored.request_of(conn, found.request_id)
        calls = journal.listed(conn, event=found.id, limit=CALLS)
        read = source_calls.listed(conn, event=[found.id], limit=CALLS)
        trace = traces.trace(conn, found.id)
    facts = {field.name: getattr(found, field.name) for field in fields(found)}
    facts["trace_id"] = trace and trace.trace_id
    body = request.body.decode("utf-8", "replace") if request else None
    if as_json:
        headers = [list(each) for each in request.headers] if request else []
        print_json(facts | {"headers": headers, "body": body, "calls": call_rows(calls), "readings": source_rows(read)})
        return
    for name, value in facts.items():
        if value not in (None, "", ()):
            say(f"{name.replace('_', ' '):<14} {_plain(value)}")
    say()
    if body is None:
        say("Its request is no longer kept.")
    else:
        say_text(body, indent="    ")
    say()
    show(call_rows(calls), CALL_COLUMNS, as_json=False, empty="No calls were made for it.")
    if read:
        say()
        show(source_rows(read), SOURCE_COLUMNS, as_json=False, empty="")


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return utc(value) if isinstance(value, datetime) else str(value)
