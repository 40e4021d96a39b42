"""Puts what was read of the followed account in the place of what a trigger tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import ValidationError

from schemas.wire import Needs
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event, MapEvent

NEEDED: Mapping[str, tuple[str, ...]] = {
    "client": ("name",),
    "order": ("stage",),
    "activity": ("description",),
    "appointment": ("description", "date"),
}
"""What a request must tell of a record that is not read."""


def as_read(kind: str, plan: MapEvent) -> MapEvent:
    def mapped(event: Event, settings: Any) -> Plan | Ignored:
        told = event.payload["data"]["object"]
        record = event.read.get(kind)
        if record is None:
            _refuse(kind, told)
            return plan(event, settings)
        data = {**event.payload["data"], "object": record}
        return plan(replace(event, payload={**event.payload, "data": data}), settings)

    return mapped


def _refuse(kind: str, told: Mapping[str, Any]) -> None:
    missing = {name: [Needs("Missing data for required field.")] for name in NEEDED.get(kind, ()) if not told[name]}
    if missing:
        raise ValidationError({"data": {"object": missing}})
