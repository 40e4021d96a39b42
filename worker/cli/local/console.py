"""Tells the console's server what it serves and how."""

from __future__ import annotations

from worker.cli.local import receiver

APP = "web.console.rsgi:front"
PROCESSES = 1
"""Few people ask, and whatever they ask is in the database."""


def command(host: str, port: int) -> list[str]:
    """With the receiver's bounds: strangers can open connections to it as well."""
    return receiver.command(host, port, PROCESSES, APP)
