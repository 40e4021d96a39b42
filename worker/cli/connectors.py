"""`relay connectors` lists the connectors and groups the commands for adding one."""

from __future__ import annotations

from typing import Any

import click

from worker.cli.folding import wrapped
from worker.cli.group import Lazy, RelayGroup
from worker.cli.output import json_option, print_json, say, say_text
from worker.connectors import all_connectors
from worker.sdk.connector import Connector
from worker.sdk.settings import describe

COMMANDS = {
    "list": Lazy("worker.cli.connectors:list_connectors", "The events each one handles, what it writes, its settings."),
    "new": Lazy("worker.cli.connectors_new:new", "Make a connector from captured requests."),
    "check": Lazy("worker.cli.connectors_check:check", "Run the cases of connectors, and the rules all keep to."),
    "accept": Lazy("worker.cli.connectors_accept:accept", "Take what cases come to now as what is expected."),
}


INDENT = 12


@click.group(cls=RelayGroup, lazy=COMMANDS)
def connectors() -> None:
    """List connectors, make one, check them."""


@click.command(name="list")
@json_option
def list_connectors(*, as_json: bool) -> None:
    """List every connector: the events that it handles and ignores, what it writes, and its settings."""
    rows = [_row(connector) for connector in all_connectors()]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['name']}: {row['title']}")
        for name, values in _brief(row).items():
            if values:
                say_text("\n".join(wrapped(f"  {name:<{INDENT - 2}}{', '.join(values)}", indent=INDENT)))
        say()


def _row(connector: Connector) -> dict[str, Any]:
    return {
        "name": connector.name,
        "title": connector.title,
        "handles": sorted(connector.handles),
        "ignores": sorted(connector.ignores),
        "writes": {resource: sorted(verbs) for resource, verbs in sorted(connector.writes.items())},
        "settings": [
            {"name": each.name, "required": each.required, "default": each.default, "doc": each.doc}
            for each in describe(connector.settings)
        ],
    }


def _brief(row: dict[str, Any]) -> dict[str, list[str]]:
    writes = [f"{resource} ({', '.join(verbs)})" for resource, verbs in row["writes"].items()]
    settings = [f"{each['name']}{' (required)' if each['required'] else ''}" for each in row["settings"]]
    return {"handles": row["handles"], "ignores": row["ignores"], "writes": writes, "settings": settings}
