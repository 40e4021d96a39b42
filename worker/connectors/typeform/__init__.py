"""Typeform: who fills in a form becomes a contact of a company, and the answers an activity to follow up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from schemas import typeform
from worker.connector import Connector, Event, Handles
from worker.connectors.typeform.answers import answers, hidden, plain, target, told
from worker.connectors.typeform.settings import Settings
from worker.mapping import (
    CONTACT_NAME,
    DESCRIPTION,
    TITLE,
    WEBPAGE,
    block,
    clip,
    company,
    company_domain,
    constant,
    email,
    field,
    filled,
    joined,
    org_number,
    person_name,
    phone,
)
from worker.plan import ActivityType, Key, Match, Plan, Upsert, User, Value
from worker.signatures import HmacSha256


def submission(event: Event, settings: Settings) -> Plan:
    response = event.payload["form_response"]
    given = [*answers(response), *hidden(response)]
    said = told(given, settings.fields)
    home = account(said, settings)
    person = contact(said, home.key, response["token"], settings)
    title = plain((response["definition"] or {}).get("title") or "") or response["form_id"]
    shown = [f"{each.question}\n{each.value}" for each in given if target(each, settings.fields) != "skip"]
    score = (response["calculated"] or {}).get("score")
    activity = Upsert(
        key=Key("activity", event.subject),
        on_create=filled(
            {
                "description": clip(f"Form filled in: {title}", DESCRIPTION),
                "notes": block("\n\n".join([*shown, f"Score\n{score.normalize():f}"] if score is not None else shown)),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity", settings.activity_type),
                "client": home.key,
                "contacts": (person.key,) if person else (),
                "date": event.time.date(),
                "closeDate": event.time.date() if settings.closed else None,
            }
        ),
    )
    return (home, person, activity) if person else (home, activity)


def account(said: Mapping[str, str], settings: Settings) -> Upsert:
    """The company that was named, else the one whose mail domain it is, else the fallback."""
    website = said.get("website")
    known: dict[str, Value] = {"webpage": website if website and len(website) <= WEBPAGE else None}
    number = org_number(said.get("org_number"))
    domain = company_domain(email(said.get("email")))
    if said.get("company"):
        found = company(said["company"], owner=settings.owner, org_number=number, if_empty=known)
    elif domain and len(domain) <= WEBPAGE:
        found = by_domain(domain, settings.owner)
    else:
        return company(settings.fallback_company, owner=settings.owner)
    return replace(found, set=custom("account", said))


def by_domain(domain: str, owner: str) -> Upsert:
    """Until a person corrects it, the company is called what is known of it."""
    return Upsert(
        key=Key("account", f"domain:{domain}"),
        match=tuple(Match("webpage", page, shared=True) for page in (f"www.{domain}", domain)),
        on_create={"name": domain, "webpage": domain, "users": (User(owner),)},
    )


def contact(said: Mapping[str, str], home: Key, token: str, settings: Settings) -> Upsert | None:
    """What people say of themselves fills gaps, and never changes what a salesperson wrote."""
    address = email(said.get("email"))
    first, last = person_name(said.get("first_name"), said.get("last_name"), said.get("name"))
    if not (address or first or last):
        return None
    return Upsert(
        key=Key("contact", f"email:{address}" if address else f"response:{token}"),
        match=(Match("email", address, shared=True),) if address else (),
        set=custom("contact", said),
        on_create={"client": home},
        if_empty=filled(
            {
                "firstName": clip(first, CONTACT_NAME),
                "lastName": clip(last, CONTACT_NAME),
                "email": address,
                "phone": phone(said.get("phone"), settings.phone_region),
                "title": clip(said.get("title", ""), TITLE),
            }
        ),
    )


def custom(resource: str, said: Mapping[str, str]) -> dict[str, Value]:
    """The custom fields that the settings name."""
    prefix = f"{resource}."
    return {f"custom.{what[len(prefix) :]}": block(text, 255) for what, text in said.items() if what.startswith(prefix)}


connector = Connector(
    name="typeform",
    title="Typeform",
    # https://www.typeform.com/developers/webhooks/secure-your-webhooks/
    signature=HmacSha256("Typeform-Signature", prefix="sha256=", encoding="base64"),
    # The token is the id of the submission, in webhooks as in the Responses API, however often it is sent:
    # https://www.typeform.com/developers/webhooks/example-payload/
    event_id=joined(":", field("event_type"), field("form_response.token")),
    event_type=field("event_type"),
    handles={
        "form_response": Handles(
            typeform.Submission,
            submission,
            subject=joined(":", constant("response"), field("form_response.token")),
            time=field("form_response.submitted_at"),
        )
    },
    # Who has not sent the form has not asked for anything yet.
    ignores=frozenset({"form_response_partial"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
    sample_headers={"User-Agent": "Typeform Webhooks"},
)
