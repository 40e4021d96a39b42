"""Notes which records Upsales kept without their contacts, although it answered 200."""

from __future__ import annotations

from collections.abc import Mapping

from worker.plan import Key
from worker.sync.context import Access
from worker.sync.people import referred_id
from worker.sync.records import Json

CONTACTS = "contacts"


def note_dropped_contacts(access: Access, key: Key, body: Mapping[str, Json], answered: Mapping[str, Json]) -> None:
    """Upsales drops contacts of another company from an activity."""
    sent, kept = (
        {referred_id(each) for each in part.get(CONTACTS) or () if isinstance(each, Mapping)}
        for part in (body, answered)
    )
    if CONTACTS in answered and sent - kept:
        access.without_contacts.add(key)
