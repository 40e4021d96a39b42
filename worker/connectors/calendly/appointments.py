"""Maps bookings to appointments; one that does not take place stays, as not completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from marshmallow import ValidationError

from schemas.wire import Needs
from worker.connectors.calendly.meetings import Meeting, meeting, old_meeting
from worker.connectors.calendly.people import person
from worker.connectors.calendly.settings import Settings
from worker.plan import ActivityType, Key, Plan, Upsert, User, Value
from worker.sdk.connector import Event, MapEvent
from worker.sdk.mapping import DESCRIPTION, Person, block, clip, contacts_of_person, filled, home_of_person, readable

LOCATION = 2048
MOVED = "Moved to another time."

Outcome = Literal["planned", "notCompleted"]


def told(outcome: Outcome, *, final: bool = False) -> MapEvent:
    """The mapping of an event that leaves the meeting in this state. `final`: for good."""

    def plan(event: Event, settings: Settings) -> Plan:
        invitee = with_meeting(event)
        key = Key("appointment", event.subject)
        moved = before(invitee["old_invitee"]) if event.type == "invitee.created" else ()
        happened = note(event.type, invitee)
        held = meeting(invitee)
        if held is None:
            return (Upsert(key=key, set={"outcome": outcome}, while_ours=happened, create=False, final=final),)
        who = person(invitee, held.answers, settings, invitee["scheduled_event"]["location"])
        return (*moved, *booking(key, held, who, settings, outcome, happened, final=final))

    return plan


def with_meeting(event: Event) -> Mapping[str, Any]:
    """The invitee, with the meeting as it was read, else as the webhook tells it. A booking needs one."""
    invitee: Mapping[str, Any] = event.payload["payload"]
    meeting = event.read.get("meeting") or invitee["scheduled_event"]
    if meeting is None and event.type == "invitee.created":
        raise ValidationError({"payload": {"scheduled_event": [Needs("Missing data for required field.")]}})
    return {**invitee, "scheduled_event": meeting}


def told_by_v1(outcome: Outcome) -> MapEvent:
    def plan(event: Event, settings: Settings) -> Plan:
        said = event.payload["payload"]
        invitee, old = said["invitee"], said["old_invitee"]
        moved = before(old["uuid"]) if old and outcome == "planned" else ()
        happened = ended(invitee["canceler_name"], invitee["cancel_reason"], moved=bool(said["new_invitee"]))
        key, held = Key("appointment", event.subject), old_meeting(said)
        who = person(invitee, held.answers, settings)
        final = outcome == "notCompleted"
        return (*moved, *booking(key, held, who, settings, outcome, happened if final else {}, final=final))

    return plan


def before(invitee: str | None) -> Plan:
    """The appointment that a booking replaces. It is not moved itself: a third booking would not find it."""
    if not invitee:
        return ()
    key = Key("appointment", f"invitee:{invitee.rpartition('/')[2]}")
    return (Upsert(key=key, set={"outcome": "notCompleted"}, if_empty={"notes": MOVED}, create=False, final=True),)


def booking(
    key: Key,
    held: Meeting,
    person: Person,
    settings: Settings,
    outcome: Outcome,
    happened: Mapping[str, Value],
    *,
    final: bool,
) -> Plan:
    home = home_of_person(person, owner=settings.owner, fallback=settings.fallback_company)
    who = contacts_of_person(person, key.id, home, phone_region=settings.phone_region)
    hosts = tuple(User(each, fallback=settings.owner) for each in held.hosts)
    made: dict[str, Value] = {
        "description": clip(held.title, DESCRIPTION) or "Calendly",
        "users": hosts or (User(settings.owner),),
        "activityType": ActivityType("appointment", settings.appointment_type),
        "isAppointment": 1,
        "contacts": tuple(each.key for each in who),
        "agenda": block(held.agenda(person)),
    }
    always: dict[str, Value] = {
        "date": held.start.replace(microsecond=0),
        "endDate": held.end.replace(microsecond=0) if held.end else None,
        "location": clip(held.place, LOCATION),
        "outcome": outcome,
    }
    visit = Upsert(
        key=key,
        set=filled(always),
        on_create=filled(made),
        while_ours=happened,
        placed={"client": home.place},
        final=final,
    )
    return (*home.upserts, *who, visit)


def note(event_type: str, invitee: Mapping[str, Any]) -> Mapping[str, Value]:
    """What happened to the meeting, for its notes. Who did not show up is taken back with the mark."""
    match event_type:
        case "invitee_no_show.created":
            return {"notes": "Did not show up."}
        case "invitee_no_show.deleted":
            return {"notes": ""}
        case "invitee.canceled":
            cancellation = invitee["cancellation"] or {}
            return ended(
                cancellation.get("canceled_by"), cancellation.get("reason"), moved=bool(invitee["rescheduled"])
            )
        case _:
            return {}


def ended(who: str | None, why: str | None, *, moved: bool) -> Mapping[str, Value]:
    what = "Moved to another time" if moved else "Canceled"
    return {"notes": block(f"{what}{f' by {who}' if who else ''}{f': {readable(why)}' if why else '.'}")}
