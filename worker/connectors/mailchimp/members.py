"""Maps who subscribes, changes their profile or has a new address.

None of it says anything of mailings: whoever opted out stays so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worker.connectors.mailchimp.merges import answers
from worker.connectors.mailchimp.settings import Settings
from worker.plan import Ignored, Key, Match, Plan, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import Lead, Person, email, home_of_person, lead_plan

NO_ADDRESS = Ignored("no e-mail address")


def told(event: Event, settings: Settings) -> Plan | Ignored:
    """A subscription is an activity, too; a change of the profile is none."""
    member = event.payload["data"]
    if email(member["email"]) is None:
        return NO_ADDRESS
    audience = _audience(member, settings)
    lead = Lead(
        title=f"Subscribed: {audience}",
        answers=tuple(answers(member)),
        about=(("Audience", audience),),
        sources=tuple(filter(None, (member["list_id"], audience))),
    )
    plan = lead_plan(lead, event, settings)
    if isinstance(plan, Ignored):
        return plan
    subscribes = event.type == "subscribe"
    return tuple(_once(each, event) for each in plan if subscribes or each.key.resource != "activity")


def person(event: Event, settings: Settings) -> Plan:
    """Whoever it is, with their company, and without an activity."""
    plan = told(replace(event, type="profile"), settings)
    return () if isinstance(plan, Ignored) else plan


def moved(event: Event, settings: Settings) -> Plan | Ignored:
    """The same contact with another address. Who is not in Upsales yet is made with it, so that what is told of the old one makes nobody."""
    member = event.payload["data"]
    old, new = email(member["old_email"]), email(member["new_email"])
    if new is None:
        return NO_ADDRESS
    home = home_of_person(Person(email=new), owner=settings.owner, fallback=settings.fallback_company)
    if old is None or old == new:
        return (
            *home.upserts,
            Upsert(
                key=key(new),
                match=(by(new),),
                if_empty={"email": new},
                placed={"client": home.place},
                ambiguous="as_upsales",
            ),
        )
    first, *rest = home.upserts
    # They stay where they are: no company is made of the new address.
    stays = replace(first, match=(Match("contact", old, shared=True), *first.match)) if not home.unknown else first
    contact = Upsert(
        key=key(old),
        match=(by(old), by(new)),
        set={"email": new},
        placed={"client": home.place},
        merged_into=key(new),
        ambiguous="as_upsales",
    )
    return (stays, *rest, contact)


def key(address: str) -> Key:
    return Key("contact", f"email:{address}")


def by(address: str) -> Match:
    return Match("email", address, shared=True)


def _once(upsert: Upsert, event: Event) -> Upsert:
    """An activity for each audience that somebody subscribes to."""
    if upsert.key.resource != "activity":
        return upsert
    member = event.payload["data"]
    return replace(upsert, key=Key("activity", f"subscribed:{member['list_id']}:{email(member['email'])}"))


def _audience(member: Mapping[str, Any], settings: Settings) -> str:
    number = member["list_id"] or ""
    return settings.audiences.get(number, f"Mailchimp audience {number}".strip())
