"""Extracts what a webhook of Zendesk is about: an event, or a trigger's body."""

from __future__ import annotations

import hashlib

from worker.sdk.connector import Extract, Incoming
from worker.sdk.event_time import instant
from worker.sdk.mapping import constant, field, first_of, header, joined, last_part, made_of
from worker.sdk.source.dotted import at

PREFIX = "zen:event-type:"
TRIGGER = "trigger"

TYPE, EVENT_ID, TICKET_ID = field("type"), field("id"), field("ticket_id")
INVOCATION = header("X-Zendesk-Webhook-Invocation-Id")
SIGNED_AT = header("X-Zendesk-Webhook-Signature-Timestamp")
UPDATED = field("updated_at")
OF_EVENT = first_of(field("detail.id"), last_part(field("subject"), ":"))

EXPLAINED: Extract = constant(
    "the body is no event of Zendesk, and names no `ticket_id`: give the trigger the body of docs/connectors/zendesk.md"
)


def is_event(incoming: Incoming) -> bool:
    return (TYPE(incoming) or "").startswith(PREFIX)


@made_of(TYPE, TICKET_ID)
def event_type(incoming: Incoming) -> str | None:
    """Of an event without what all of them begin with."""
    if is_event(incoming):
        return (TYPE(incoming) or "").removeprefix(PREFIX) or None
    return TRIGGER if TICKET_ID(incoming) else None


@made_of(EVENT_ID, INVOCATION)
def event_id(incoming: Incoming) -> str | None:
    """Of a trigger the invocation, which is one however often it is tried; a body may call anything `id`."""
    if is_event(incoming):
        return EVENT_ID(incoming)
    told = f"{TICKET_ID(incoming)}:{hashlib.sha256(incoming.request.body).hexdigest()[:32]}"
    return INVOCATION(incoming) or (told if TICKET_ID(incoming) else None)


@made_of(OF_EVENT, TICKET_ID)
def number(incoming: Incoming) -> str | None:
    found = OF_EVENT(incoming) if is_event(incoming) else TICKET_ID(incoming)
    return None if found == "0" else found


SUBJECT = joined(":", constant("ticket"), number)


@made_of(field("time"), UPDATED, SIGNED_AT)
def time(incoming: Incoming) -> str | None:
    """A trigger writes days as people do; then it is the time of signing, which is signed, too."""
    told = at(incoming.payload, "time") if is_event(incoming) else UPDATED(incoming)
    return told if isinstance(told, str) and instant(told) else SIGNED_AT(incoming)
