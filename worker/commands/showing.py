"""One event in full: what it is, what came in, which calls were made for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from worker.commands.calls import CALL_COLUMNS, call_rows
from worker.commands.installation import Installation
from worker.commands.listing import one
from worker.commands.tables import print_json, show
from worker.store import events as stored
from worker.store import journal

CALLS = 200


def show_event(installation: Installation, wanted: str, *, as_json: bool) -> None:
    event = one(installation, wanted)
    with installation.store.read() as conn:
        request = stored.request_of(conn, event.request_id)
        calls = journal.listed(conn, event=event.id, limit=CALLS)
    facts = asdict(event)
    body = request.body.decode("utf-8", "replace") if request else None
    if as_json:
        headers = [list(each) for each in request.headers] if request else []
        print_json(facts | {"headers": headers, "body": body, "calls": call_rows(calls)})
        return
    for name, value in facts.items():
        if value is not None:
            click.echo(f"{name.replace('_', ' '):<14} {_plain(value)}")
    click.echo(f"\n{body if body is not None else 'Its request is no longer kept.'}\n")
    show(call_rows(calls), CALL_COLUMNS, as_json=False, empty="No calls were made for it.")


def _plain(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
