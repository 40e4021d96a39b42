"""Maps who leaves: they are opted out, and nothing of Mailchimp's opts them in again."""

from __future__ import annotations

from dataclasses import replace

from worker.connectors.mailchimp.members import NO_ADDRESS, by, key, person
from worker.connectors.mailchimp.settings import Settings
from worker.plan import OPT_OUT, ActivityType, ClientOf, IfKnown, Ignored, Key, Plan, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import block, day, email

DELETED = Ignored("deleted from the audience")
BOUNCED = Ignored("the address does not exist")


def left(event: Event, settings: Settings) -> Plan | Ignored:
    """Deleted is who an administrator took out of the audience: that is no wish of theirs."""
    if event.payload["data"]["action"] == "delete" and settings.deleted == "ignore":
        return DELETED
    return opted_out(event, settings)


def cleaned(event: Event, settings: Settings) -> Plan | Ignored:
    """Who called a mailing spam has opted out, whatever becomes of addresses that do not exist."""
    if event.payload["data"]["reason"] == "abuse" or settings.bounced == "opt_out":
        return opted_out(event, settings)
    return to_do(event, settings) if settings.bounced == "to_do" else BOUNCED


def opted_out(event: Event, settings: Settings) -> Plan | Ignored:
    """What the list of members shows happened at some time: it is no opt-out anew of who was opted in by a person in Upsales."""
    address = email(event.payload["data"]["email"])
    if address is None:
        return NO_ADDRESS
    what: dict[str, Value] = {OPT_OUT: event.time} if settings.opt_out == "unsubscribe" else {settings.opt_out: True}
    anew = not event.payload["listed"]
    there = Upsert(key=key(address), match=(by(address),), create=False, ambiguous="as_upsales")
    plan = person(event, settings) if settings.add_opted_out else ()
    contact = next((each for each in plan if each.key == there.key), there)
    # What is final stands. Of custom fields, the next profile may say otherwise.
    out = replace(
        contact,
        set=what if anew else {},
        if_empty=contact.if_empty if anew else {**contact.if_empty, **what},
        final=anew,
        again=tuple(what) if anew else (),
    )
    return (*(each for each in plan if each is not contact), out)


def to_do(event: Event, settings: Settings) -> Plan | Ignored:
    member = event.payload["data"]
    address = email(member["email"])
    if address is None:
        return NO_ADDRESS
    contact = key(address)
    activity = Upsert(
        key=Key("activity", f"bounced:{address}"),
        on_create={
            "description": "Mailchimp: the e-mail address does not exist",
            "notes": block(f"Mailings to {address} come back."),
            "client": ClientOf(contact),
            "contacts": (IfKnown(contact),),
            "users": (User(settings.owner),),
            "activityType": ActivityType("activity", settings.activity_type),
            "date": day(event.time, settings.time_zone),
        },
    )
    return (Upsert(key=contact, match=(by(address),), create=False, ambiguous="as_upsales"), activity)
