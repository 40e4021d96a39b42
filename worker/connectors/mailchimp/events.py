"""Tells Mailchimp's events apart, none of which has an id of its own."""

from __future__ import annotations

from worker.sdk.connector import Incoming
from worker.sdk.mapping import field, first_of, joined, made_of

TYPE, FIRED = field("type"), field("fired_at")
LIST, EMAIL, NEW_EMAIL = field("data.list_id"), field("data.email"), field("data.new_email")
ID = first_of(field("data.new_id"), field("data.id"), EMAIL)
"""Of the address, which may be in several audiences. Who bounced is told by the address alone."""

# fired_at counts whole seconds. A campaign is told once for each status.
event_id = first_of(
    joined(":", TYPE, field("data.id"), field("data.status")),
    joined(":", TYPE, LIST, ID, FIRED),
    joined(":", TYPE, ID, FIRED),
)


@made_of(first_of(NEW_EMAIL, EMAIL))
def subject(incoming: Incoming) -> str | None:
    """One person, by the address that they have from then on: whatever is told of it comes in turn.

    The address itself, not a digest of it: who is forgotten is found by it.
    """
    address = first_of(NEW_EMAIL, EMAIL)(incoming)
    return f"member:{address.lower()}" if address else None
