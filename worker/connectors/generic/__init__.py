"""Maps the relay's own format, for any back end, Zapier, Make or a script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from schemas.generic import ENVELOPES
from worker.connectors.generic.records import not_emptied, record
from worker.connectors.generic.settings import Settings
from worker.plan import RESOURCES, Resource
from worker.sdk.connector import Connector, Extract, Handles, Incoming, OwnFormat, each
from worker.sdk.mapping import chosen, constant, field, first_of, header, joined
from worker.sdk.signatures import AnyOf, StandardWebhooks, StaticHeader, UrlToken

TYPES: Mapping[str, Resource] = {
    "account.upsert": "account",
    "contact.upsert": "contact",
    "order.upsert": "order",
    "product.upsert": "product",
    "agreement.upsert": "agreement",
    "ticket.upsert": "ticket",
    "activity.upsert": "activity",
    "activity.create": "activity",
    "appointment.upsert": "appointment",
    "phonecall.create": "phoneCall",
    "comment.create": "comment",
    "event.create": "event",
}
"""`upsert`: made, then kept up to date. `create`: made once."""

CREATE_ONLY = frozenset({"phoneCall", "comment", "event"})


@cache
def json_schema() -> Mapping[str, Any]:
    """The format as JSON Schema."""
    from schemas.json_schema import json_schema as made

    return made()


def handles(event_type: str, resource: Resource) -> Handles:
    record_subject = joined(":", constant(resource), field("data.id"))
    return Handles(
        schema=ENVELOPES[event_type],
        plan=record(resource, once=event_type.endswith(".create")),
        subject=first_of(field("subject"), record_subject),
        time=field("time"),
        version=field("version"),
    )


# The signature covers the header, and it stays the same when a message is sent again.
MESSAGE_ID = first_of(header("webhook-id"), header("svix-id"))
OWN_ID = field("id")
ALONE = first_of(MESSAGE_ID, OWN_ID)


@chosen
def event_id(delivery: Incoming) -> Extract:
    """A message that holds several events has one id, so each of them tells its own."""
    return OWN_ID if delivery.place else ALONE


connector = Connector(
    name="generic",
    title="Any sender",
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, or a token
    signature=AnyOf((StandardWebhooks(), StaticHeader("Authorization", prefix="Bearer "), UrlToken())),
    event_id=event_id,
    event_type=field("type"),
    handles={event_type: handles(event_type, resource) for event_type, resource in TYPES.items()},
    ignores=frozenset({"ping", "test.*"}),
    unknown_types="dead",
    writes={
        resource: frozenset({"create"}) if resource in CREATE_ONLY else frozenset({"create", "update"})
        for resource in RESOURCES
        if resource != "file"
    },
    split=each,
    own_format=OwnFormat(
        refuses=lambda settings: settings.answer == "strict",
        id="/id",
        type="/type",
        subject="/data/id",
        time="/time",
        in_vain=not_emptied,
    ),
    settings=Settings,
    secret_headers=("authorization",),
)
