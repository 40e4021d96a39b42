"""Maps a lead of LinkedIn, and the deletion of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.connectors.linkedin.answers import answers, consents
from worker.connectors.linkedin.settings import Settings
from worker.connectors.linkedin.source import form_id
from worker.plan import ActivityType, Ignored, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, Lead, clip, day, lead_plan

KINDS: Mapping[str, str] = {
    "SPONSORED": "Ad",
    "EVENT": "Event",
    "COMPANY": "Company page",
    "ORGANIZATION_PRODUCT": "Product page",
}
NOT_READ = "lead was not read"
TEST = "test lead"
ERASE = "LinkedIn: a lead was deleted: erase the person's answers"
WHY = """LinkedIn deleted the lead {lead}: the person wants it so, or its time is over.
The activity of that lead has this id in its notes. Erase what you only know from it; `relay forget` erases the person at the relay."""


def created(event: Event, settings: Settings) -> Plan | Ignored:
    told = event.read.get("lead")
    if told is None:
        return Ignored(NOT_READ)
    if told["testLead"]:
        return Ignored(TEST)
    form = event.read.get("form") or {}
    number = form_id(event.payload["leadGenForm"] or told["versionedLeadGenFormUrn"])
    name = form.get("name")
    places = _places(told, settings)
    kind = told["leadType"] or event.payload["leadType"]
    about = {
        "Form": form.get("name"),
        "From": KINDS.get(kind or "", kind),
        **{each: places[each][1] for each in places},
    }
    sources = (number, name, *(text for each in places.values() for text in each))
    found = Lead(
        title=f"LinkedIn lead: {name or (f'form {number}' if number else 'no form named')}",
        answers=tuple(answers(told, form)),
        about=tuple((label, text) for label, text in about.items() if text),
        remarks=(*consents(told, form), ("Lead", told["id"])),
        sources=tuple(filter(None, sources)),
    )
    return lead_plan(found, event, settings)


def deleted(event: Event, settings: Settings) -> Plan:
    """A to-do: what the law asks for takes a person. The notification tells no name, and the lead can't be read any more."""
    return (
        Upsert(
            key=Key("activity", f"deleted:{event.subject}"),
            on_create={
                "description": clip(ERASE, DESCRIPTION),
                "notes": WHY.format(lead=event.subject.removeprefix("lead:")),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity", settings.activity_type),
                "date": day(event.time, settings.time_zone),
            },
        ),
    )


def _places(told: Mapping[str, Any], settings: Settings) -> Mapping[str, tuple[str, str]]:
    """Campaign and creative: the id, and what people call it."""
    metadata = (told["leadMetadata"] or {}).get("sponsoredLeadMetadata") or {}
    urns = {
        "Campaign": metadata.get("campaign"),
        "Creative": (told["associatedEntity"] or {}).get("associatedCreative"),
    }
    ids = {label: urn.rpartition(":")[2] for label, urn in urns.items() if urn}
    return {label: (number, settings.names.get(number, number)) for label, number in ids.items()}
