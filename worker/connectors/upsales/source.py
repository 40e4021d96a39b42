"""Declares the API of the account that is followed: the records that triggers tell of."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import Schema

from schemas import upsales_events
from worker.connectors.upsales.events import record_id
from worker.sdk.connector import Incoming
from worker.sdk.mapping import field
from worker.sdk.source import Get, Header, Kind, Limit, Source

WRITTEN_BY_TRIGGERS = field("timestamp")
RESOURCES: Mapping[str, tuple[str, type[Schema]]] = {
    "client": ("accounts", upsales_events.Company),
    "contact": ("contacts", upsales_events.Contact),
    "order": ("orders", upsales_events.Order),
    "activity": ("activities", upsales_events.Activity),
    "appointment": ("appointments", upsales_events.Appointment),
}

SOURCE = Source(
    url="https://power.upsales.com/api/v2",
    # The documented way puts the key into the URL, where logs keep it. Upsales's own apps send it in a cookie:
    # https://github.com/upsales/upsales-node-integration-template
    sign=Header("Cookie", "token="),
    kinds={
        kind: Kind(schema=schema, get=f"/{path}/{{id}}", at="data", changed="modDate")
        for kind, (path, schema) in RESOURCES.items()
    },
    limits=(Limit(200, 10), Limit(6000, 600), Limit(20_000, 3600)),
    unread=True,
)


def told_by_trigger(incoming: Incoming) -> str | None:
    """An app tells the whole record."""
    return record_id(incoming) if WRITTEN_BY_TRIGGERS(incoming) else None


def the_record(kind: str) -> tuple[Get, ...]:
    return (Get(kind, id=told_by_trigger),)
