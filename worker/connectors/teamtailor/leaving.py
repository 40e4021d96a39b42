"""Maps a candidate who is deleted to a to-do: what was written of them is to be erased."""

from __future__ import annotations

from worker.connectors.teamtailor.settings import Settings
from worker.plan import ActivityType, ClientOf, IfKnown, Ignored, Key, Plan, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import day


def erased(event: Event, settings: Settings) -> Plan | Ignored:
    """What the law asks for takes a person: the contact may be somebody's customer by now."""
    if settings.candidates == "none":
        return Ignored("nothing is written of candidates")
    number = event.payload["payload"]["data"]["id"]
    person = Key("contact", f"candidate:{number}")
    told: dict[str, Value] = {
        "description": "Teamtailor: erase a candidate's personal data",
        "notes": f"Candidate {number} was deleted at Teamtailor. Delete this contact, or keep it if they are a customer's "
        "contact by now; then run `relay forget` with their e-mail address, which erases what the relay holds.",
        "users": (User(settings.owner),),
        "activityType": ActivityType("activity", settings.activity_type),
        "date": day(event.time, settings.time_zone),
        "client": ClientOf(person),
        "contacts": (IfKnown(person),),
    }
    return (Upsert(key=Key("activity", f"erase:{event.subject}"), on_create=told, only_with=person),)


def unproved(_event: Event, _settings: Settings) -> Ignored:
    """A deletion that the first version of the signature does not prove, of a thing that is there when it is read, or can't be read."""
    return Ignored("a deletion that is not proved")
