"""`relay budget`: how much of each key's call windows is left."""

from __future__ import annotations

from typing import Any

import click

from worker.budget import Budget, Past
from worker.commands.installation import Installation, pass_installation
from worker.commands.tables import json_option, show
from worker.errors import ConfigError

COLUMNS = ("connection", "window", "limit", "used", "left", "calls_today")


@click.command()
@click.argument("connection", required=False)
@json_option
@pass_installation
def budget(installation: Installation, connection: str | None, *, as_json: bool) -> None:
    """How much of each key's call windows is used and left."""
    names = [installation.connection(connection).name] if connection else list(installation.settings.connections)
    show([row for name in names for row in _rows(installation, name)], COLUMNS, as_json=as_json)


def _rows(installation: Installation, name: str) -> list[dict[str, Any]]:
    try:
        fingerprint = installation.keys.fingerprint(installation.keys.api_key(name))
    except ConfigError:
        return [{"connection": name, "window": "no API key"}]
    asked = Budget(installation.redis, lambda: fingerprint, installation.settings.upsales, lambda *_: Past(()))
    today = asked.today()
    return [
        {
            "connection": name,
            "window": f"{window.kind} in {window.seconds:g} s",
            "kind": window.kind,
            "seconds": window.seconds,
            "limit": window.limit,
            "used": window.used,
            "left": window.left,
            "calls_today": today,
        }
        for window in asked.left()
    ]
