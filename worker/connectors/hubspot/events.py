"""Which event a delivery is: HubSpot has three ways to name one, and none for what workflows send."""

from __future__ import annotations

import hashlib
import json

from worker.sdk.connector import Delivery
from worker.sdk.mapping import constant, field, first_of, joined

KINDS = {"0-1": "contact", "0-2": "company", "0-3": "deal"}
"""https://developers.hubspot.com/changelog/public-beta-generic-webhook-subscriptions"""

SAID = first_of(field("subscriptionType"), field("eventType"))
OBJECT_TYPE = first_of(field("objectTypeId"), field("fromObjectTypeId"))
PORTAL = first_of(field("portalId"), field("portal-id"))

OBJECT = joined(":", PORTAL, first_of(field("objectId"), field("vid")))
MERGED = joined(":", PORTAL, field("primaryObjectId"))
ASSOCIATED = joined(":", PORTAL, field("fromObjectId"))

OCCURRED = field("occurredAt")
MODIFIED = first_of(field("properties.lastmodifieddate.value"), field("properties.hs_lastmodifieddate.value"))

# An `eventId` is not unique by itself: https://developers.hubspot.com/docs/api/webhooks
SUBSCRIBED_ID = joined(
    ":", PORTAL, first_of(field("subscriptionId"), constant("-")), field("eventId"), field("occurredAt")
)


def event_type(delivery: Delivery) -> str | None:
    """`contact.creation` and the like, also where it is sent as `object.creation`. What the button `Test` sends is invented."""
    said = SAID(delivery)
    if said is None:
        return workflow(delivery)
    kind = KINDS.get(OBJECT_TYPE(delivery) or "")
    if kind and said.startswith("object."):
        said = said.replace("object", kind, 1)
    tested = (field("eventId")(delivery), field("objectId")(delivery)) == ("100", "123")
    return f"test:{said}" if tested else said


def workflow(delivery: Delivery) -> str | None:
    kind = KINDS.get(OBJECT_TYPE(delivery) or "") or (field("objectType")(delivery) or "").lower()
    if field("vid")(delivery):
        kind = "contact"
    return f"workflow.{kind}" if kind else None


def event_id(delivery: Delivery) -> str | None:
    if SAID(delivery):
        return SUBSCRIBED_ID(delivery)
    # The record's history of changes is part of the content: nothing changed, nothing to do.
    content = json.dumps(delivery.payload, sort_keys=True)
    return f"workflow:{hashlib.sha256(content.encode()).hexdigest()}" if workflow(delivery) else None
