"""Ignores what an API key changed: it may be our own writing that comes back."""

from __future__ import annotations

from typing import Any

from worker.plan import Ignored, Plan
from worker.sdk.connector import Event, MapEvent

# The user behind a key; Upsales's own template for apps looks at the same:
# https://github.com/upsales/upsales-node-integration-template
KEY_USER = "@api.upsales.com"


def unless_by_key(plan: MapEvent) -> MapEvent:
    def guarded(event: Event, settings: Any) -> Plan | Ignored:
        user = event.payload["user"]
        if user and KEY_USER in (user["email"] or "").lower():
            return Ignored("change made with an API key")
        return plan(event, settings)

    return guarded
