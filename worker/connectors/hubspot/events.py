"""Names HubSpot's events: three ways for an app's, and one of ours for workflows."""

from __future__ import annotations

import hashlib
import json

from worker.sdk.connector import Extract, Incoming
from worker.sdk.mapping import chosen, constant, field, first_of, joined, made_of

KINDS = {"0-1": "contact", "0-2": "company", "0-3": "deal"}
"""https://developers.hubspot.com/changelog/public-beta-generic-webhook-subscriptions"""

SAID = first_of(field("subscriptionType"), field("eventType"))
OBJECT_TYPE = first_of(field("objectTypeId"), field("fromObjectTypeId"))
PORTAL = first_of(field("portalId"), field("portal-id"))

OBJECT = joined(":", PORTAL, first_of(field("objectId"), field("vid")))
MERGED = joined(":", PORTAL, field("primaryObjectId"))
ASSOCIATED = joined(":", PORTAL, field("fromObjectId"))

OCCURRED = field("occurredAt")
SETTLED = 10_000
"""Milliseconds within which HubSpot deletes what it merged."""


@made_of(OCCURRED)
def after_deletions(incoming: Incoming) -> str | None:
    """A merge is told as of when its deletions are over: the record that goes on is not gone."""
    occurred = OCCURRED(incoming) or ""
    return str(int(occurred) + SETTLED) if occurred.isascii() and occurred.isdecimal() else occurred or None


MODIFIED = first_of(field("properties.lastmodifieddate.value"), field("properties.hs_lastmodifieddate.value"))

# An `eventId` is not unique by itself: https://developers.hubspot.com/docs/api/webhooks
SUBSCRIBED_ID = joined(
    ":", PORTAL, first_of(field("subscriptionId"), constant("-")), field("eventId"), field("occurredAt")
)


@made_of(OBJECT_TYPE, field("objectType"), field("vid"))
def workflow(incoming: Incoming) -> str | None:
    kind = KINDS.get(OBJECT_TYPE(incoming) or "") or (field("objectType")(incoming) or "").lower()
    if field("vid")(incoming):
        kind = "contact"
    return f"workflow.{kind}" if kind else None


@made_of(first_of(SAID, workflow))
def event_type(incoming: Incoming) -> str | None:
    """`contact.creation` and the like, also where it is sent as `object.creation`. What the button `Test` sends is invented."""
    said = SAID(incoming)
    if said is None:
        return workflow(incoming)
    kind = KINDS.get(OBJECT_TYPE(incoming) or "")
    if kind and said.startswith("object."):
        said = said.replace("object", kind, 1)
    tested = (field("eventId")(incoming), field("objectId")(incoming)) == ("100", "123")
    return f"test:{said}" if tested else said


@made_of("the whole body")
def content_id(incoming: Incoming) -> str | None:
    """The record's history of changes is part of the content: nothing changed, nothing to do."""
    content = json.dumps(incoming.payload, sort_keys=True)
    return f"workflow:{hashlib.sha256(content.encode()).hexdigest()}" if workflow(incoming) else None


@chosen
def event_id(incoming: Incoming) -> Extract:
    return SUBSCRIBED_ID if SAID(incoming) else content_id
