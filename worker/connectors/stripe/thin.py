"""Maps thin events, which name a thing and tell nothing of it: the thing is read.

https://docs.stripe.com/changelog/endive/2026-09-30/thin-events-for-api-v1-resources-generally-available
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schemas import stripe
from worker.connectors.stripe.invoices import CREDITS
from worker.connectors.stripe.settings import Settings
from worker.errors import Rejected
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event, Handles, MapEvent
from worker.sdk.mapping import constant, field, joined
from worker.sdk.source import Get

PREFIX = "v1."
THIN = (
    "this destination sends thin payloads, which name a thing and tell nothing of it; "
    "in Stripe's Workbench, make a destination with payload style Snapshot instead"
)
NAMED = field("related_object.id")


def thin(rule: Handles, kind: str) -> Handles:
    """As `rule` handles the event that tells the thing, which is of this kind."""
    plan = as_told(rule.plan, kind)
    return Handles(
        stripe.ThinEvent,
        plan,
        joined(":", constant("customer" if kind == "customer" else "object"), NAMED),
        rule.time,
        rank=rule.rank,
        fetch=(Get(kind, NAMED), *(get for get in rule.fetch if get.called != kind)),
    )


def removed(rule: Handles, kind: str) -> Handles:
    """Of a thing that was deleted, its id is all there is."""
    return replace(thin(rule, kind), gone=as_told(rule.plan, kind, gone=True))


def as_told(plan: MapEvent, kind: str, *, gone: bool = False) -> MapEvent:
    """Without a token nothing is read, and nothing is known."""

    def of_thin_events(event: Event, settings: Settings) -> Plan | Ignored:
        found = {"id": event.payload["related_object"]["id"]} if gone else event.read.get(kind)
        if found is None:
            raise Rejected(THIN)
        payload = {
            "livemode": event.payload["livemode"],
            "data": {"object": found, "previous_attributes": before(kind, found)},
        }
        return plan(replace(event, type=event.type.removeprefix(PREFIX), payload=payload), settings)

    return of_thin_events


def before(kind: str, thing: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What changed is not told. An invoice's credit notes may have."""
    return {name: thing[name] for name in CREDITS} if kind == "invoice" else None
