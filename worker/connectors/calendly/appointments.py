"""Maps bookings to appointments; one that does not take place stays, as not completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from worker.connectors.calendly.meetings import Guest, Meeting, guest, meeting, old_meeting
from worker.connectors.calendly.people import person
from worker.connectors.calendly.settings import Settings
from worker.plan import ActivityType, Key, Plan, Upsert, User, Value
from worker.sdk.connector import Event, MapEvent
from worker.sdk.mapping import DESCRIPTION, block, clip, contacts_of_person, filled, home_of_person

LOCATION = 2048
MOVED = "Moved to another time."

Outcome = Literal["planned", "notCompleted"]


def told(outcome: Outcome, *, final: bool = False) -> MapEvent:
    """The mapping of an event that leaves the meeting in this state. `final`: for good."""

    def plan(event: Event, settings: Settings) -> Plan:
        invitee = event.payload["payload"]
        key = Key("appointment", event.subject)
        moved = before(invitee["old_invitee"]) if event.type == "invitee.created" else ()
        happened = note(event.type, invitee)
        held = meeting(invitee)
        if held is None:
            notes = filled({"notes": happened})
            return (Upsert(key=key, set={"outcome": outcome}, if_empty=notes, create=False, final=final),)
        booker = guest(invitee, invitee["scheduled_event"]["location"])
        return (*moved, *booking(key, held, booker, settings, outcome, happened, final=final))

    return plan


def told_by_v1(outcome: Outcome) -> MapEvent:
    def plan(event: Event, settings: Settings) -> Plan:
        said = event.payload["payload"]
        invitee, old = said["invitee"], said["old_invitee"]
        moved = before(old["uuid"]) if old and outcome == "planned" else ()
        happened = canceled(invitee["canceler_name"], invitee["cancel_reason"]) if outcome == "notCompleted" else ""
        key = Key("appointment", event.subject)
        final = outcome == "notCompleted"
        return (*moved, *booking(key, old_meeting(said), guest(invitee), settings, outcome, happened, final=final))

    return plan


def before(invitee: str | None) -> Plan:
    """The appointment that a booking replaces. It is not moved itself: a third booking would not find it."""
    if not invitee:
        return ()
    key = Key("appointment", f"invitee:{invitee.rpartition('/')[2]}")
    return (Upsert(key=key, set={"outcome": "notCompleted"}, if_empty={"notes": MOVED}, create=False, final=True),)


def booking(
    key: Key, held: Meeting, said_by: Guest, settings: Settings, outcome: Outcome, happened: str, *, final: bool
) -> Plan:
    someone = person(said_by, held.answers, settings)
    home = home_of_person(someone, owner=settings.owner, fallback=settings.fallback_company)
    who = contacts_of_person(someone, key.id, home, phone_region=settings.phone_region)
    hosts = tuple(User(each, fallback=settings.owner) for each in held.hosts)
    asked = [f"{question}\n{answer}".strip() for question, answer in held.answers]
    made: dict[str, Value] = {
        "description": clip(held.title, DESCRIPTION) or "Calendly",
        "users": hosts or (User(settings.owner),),
        "activityType": ActivityType("appointment", settings.appointment_type),
        "isAppointment": 1,
        "contacts": tuple(each.key for each in who),
        "agenda": block("\n\n".join([*asked, "\n".join(held.remarks)])),
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
        if_empty=filled({"notes": happened}),
        placed={"client": home.place},
        final=final,
    )
    return (*home.upserts, *who, visit)


def note(event_type: str, invitee: Mapping[str, Any]) -> str:
    if event_type == "invitee_no_show.created":
        return "Did not show up."
    if event_type != "invitee.canceled":
        return ""
    if invitee["rescheduled"]:
        return MOVED
    cancellation = invitee["cancellation"] or {}
    return canceled(cancellation.get("canceled_by"), cancellation.get("reason"))


def canceled(who: str | None, why: str | None) -> str:
    return block(f"Canceled{f' by {who}' if who else ''}{f': {why}' if why else '.'}")
