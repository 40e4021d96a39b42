"""Maps what a recipient does with a document: entries on the time line, and a bounce."""

from __future__ import annotations

from dataclasses import replace

from worker.connectors.getaccept.documents import document_of, meant, person_of, told
from worker.connectors.getaccept.settings import Settings
from worker.plan import Ignored, Key, Plan, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import clip, contacts_of_person, day, filled, taken_in
from worker.sdk.mapping.signed.parties import parties

DONE = {
    "document.viewed": "Opened",
    "document.reviewed": "Reviewed",
    "document.downloaded": "Downloaded",
    "document.printed": "Printed",
    "document.forwarded": "Forwarded",
    "document.commented": "Commented on",
}
LONGEST = 512
NOBODY = Ignored("no recipient of the document is named")


def seen(event: Event, settings: Settings) -> Plan | Ignored:
    """One entry for each recipient, document and day, with a score."""
    recipient = meant(event)
    if recipient is None or not (recipient["id"] or recipient["email"]):
        return NOBODY
    document = document_of(event, settings, who=[recipient])
    who = parties(document, settings)
    on = day(event.time, settings.time_zone)
    entry = Upsert(
        key=Key("event", f"{event.type}:{document.id}:{recipient['id'] or recipient['email']}:{on}"),
        on_create=filled(
            {
                "entityType": "marketingCustom",
                "score": settings.score,
                "value": clip(f"{DONE[event.type]}: {document.title}", LONGEST),
                "date": event.time.replace(microsecond=0),
                "contact": who.people[0].key if who.people else None,
            }
        ),
        placed={"client": who.home.place},
    )
    return (*who.upserts, entry)


def bounced(event: Event, settings: Settings) -> Plan | Ignored:
    """A note on the contact, while nobody else has written any. Nobody is made of an address that takes no mail."""
    recipient = meant(event)
    if recipient is None or not recipient["email"]:
        return NOBODY
    found = contacts_of_person(person_of(recipient), event.subject, taken_in(settings.fallback_company))
    if not found:
        return NOBODY
    what = told(event)["name"] or "a document"
    note = f"{day(event.time, settings.time_zone)}: the address {recipient['email']} took no mail with {what}"
    return tuple(replace(each, if_empty={}, while_ours={"notes": note}, placed={}, create=False) for each in found)
