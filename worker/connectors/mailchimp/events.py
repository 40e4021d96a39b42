"""Tells Mailchimp's events apart, none of which has an id of its own."""

from __future__ import annotations

import hashlib

from worker.sdk.connector import Incoming
from worker.sdk.mapping import digest_of, field, first_of, joined, made_of

TYPE, FIRED = field("type"), field("fired_at")
LIST, EMAIL, NEW_EMAIL = field("data.list_id"), field("data.email"), field("data.new_email")
ID = first_of(field("data.new_id"), field("data.id"), digest_of(EMAIL))
"""Of the address, which may be in several audiences. Who bounced is told by the address alone."""

# fired_at counts whole seconds. A campaign is told once for each status.
event_id = first_of(
    joined(":", TYPE, field("data.id"), field("data.status")),
    joined(":", TYPE, LIST, ID, FIRED),
    joined(":", TYPE, ID, FIRED),
)


def member_id(address: str) -> str:
    """Mailchimp's own: https://mailchimp.com/developer/marketing/docs/methods-parameters/#path-parameters."""
    return hashlib.md5(address.strip().lower().encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()


@made_of(first_of(NEW_EMAIL, EMAIL))
def subject(incoming: Incoming) -> str | None:
    """One person, by the address that they have from then on: whatever is told of it comes in turn."""
    address = first_of(NEW_EMAIL, EMAIL)(incoming)
    return f"member:{member_id(address)}" if address else None
