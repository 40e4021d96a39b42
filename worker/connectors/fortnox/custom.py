"""Writes what Fortnox tells into the custom fields that a connection names."""

from __future__ import annotations

from collections.abc import Mapping

from worker.connectors.fortnox.settings import Settings
from worker.plan import Value


def custom(resource: str, facts: Mapping[str, Value], settings: Settings) -> dict[str, Value]:
    """Those of `facts` that a field of this kind of record takes. None empties it."""
    found: dict[str, Value] = {}
    for fact, named in settings.fields.items():
        where, _, alias = named.partition(".")
        if where == resource and fact in facts:
            found[f"custom.{alias}"] = facts[fact]
    return found
