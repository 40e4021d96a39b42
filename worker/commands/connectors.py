"""`relay connectors`: the kinds of sender that are understood."""

from __future__ import annotations

import click

from worker.commands.tables import json_option, show
from worker.connector_settings import describe
from worker.connectors import all_connectors


@click.group()
def connectors() -> None:
    """The kinds of sender that are understood."""


@connectors.command(name="list")
@json_option
def list_connectors(*, as_json: bool) -> None:
    """Every connector: the events it handles, what it writes, and its settings."""
    rows = [
        {
            "name": connector.name,
            "title": connector.title,
            "handles": sorted(connector.handles),
            "writes": sorted(connector.writes),
            "settings": [
                f"{setting.name}{' (required)' if setting.required else ''}" for setting in describe(connector.settings)
            ],
        }
        for connector in all_connectors()
    ]
    show(rows, ("name", "title", "handles", "writes", "settings"), as_json=as_json)
