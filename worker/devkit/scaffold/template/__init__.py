"""Maps Exemplar's webhooks to companies, contacts and activities."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import validate

from worker.devkit.scaffold.template import payloads
from worker.plan import Plan
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import (
    Person,
    at,
    constant,
    contacts_of_person,
    field,
    follow_up,
    home_of_person,
    joined,
    taken_in,
)
from worker.sdk.settings import setting
from worker.sdk.signatures import HmacSha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(doc="e-mail address of the Upsales user who owns what is made", validate=validate.Email())
    fallback_company: str = setting("Exemplar customers", doc="company that takes what names no company of its own")
    activity_type: str | None = setting(None, doc="name of the activity type; without it the first one")
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")


def person_of(event: Event) -> Person:
    # Guessed by the names of the fields and by what stood in them.
    return Person(
        id=at(event.payload, "customer.id"),
        email=at(event.payload, "customer.email"),
        first_name=at(event.payload, "customer.first_name"),
        last_name=at(event.payload, "customer.last_name"),
        phone=at(event.payload, "customer.phone"),
        company=at(event.payload, "customer.company"),
        website=at(event.payload, "customer.website"),
        street=at(event.payload, "customer.street"),
        zipcode=at(event.payload, "customer.zip"),
        city=at(event.payload, "customer.city"),
        country=at(event.payload, "customer.country"),
    )


def customer_updated(event: Event, settings: Settings) -> Plan:
    person = person_of(event)
    home = home_of_person(person, owner=settings.owner, fallback=settings.fallback_company)
    people = contacts_of_person(person, event.subject, home, phone_region=settings.phone_region, authoritative=True)
    return (*home.upserts, *people)


def hall_closed(event: Event, settings: Settings) -> Plan:
    home = taken_in(settings.fallback_company, owner=settings.owner)
    activity = follow_up(
        event,
        "Hall closed",
        home,
        owner=settings.owner,
        activity_type=settings.activity_type,
        about=at(event.payload, "hall.name"),
    )
    return (*home.upserts, activity)


def visit_booked(event: Event, settings: Settings) -> Plan:
    person = person_of(event)
    home = home_of_person(person, owner=settings.owner, fallback=settings.fallback_company)
    people = contacts_of_person(person, event.subject, home, phone_region=settings.phone_region)
    activity = follow_up(
        event,
        "Visit booked",
        home,
        people,
        owner=settings.owner,
        activity_type=settings.activity_type,
        about=at(event.payload, "visit.place"),
        amount=at(event.payload, "visit.price"),
        currency=at(event.payload, "visit.currency"),
    )
    return (*home.upserts, *people, activity)


connector = Connector(
    name="exemplar",
    title="Exemplar",
    # Guessed: the header X-Exemplar-Signature holds SHA256 as hex after sha256=: taken for an HMAC of the body.
    signature=HmacSha256("X-Exemplar-Signature", prefix="sha256="),
    # Guessed: event_id is called like a message's id and differs from request to request. It must stay the same
    # when the sender sends the same event again.
    event_id=field("event_id"),
    # Guessed: event is called like a type, as in customer.updated.
    event_type=field("event"),
    handles={
        "customer.updated": Handles(
            payloads.CustomerUpdated,
            customer_updated,
            # Guessed: customer.id is the id of what customer.updated is about.
            subject=joined(":", constant("customer"), field("customer.id")),
            # Guessed: created_at is called like a time, as in 2026-03-02T10:20:00+01:00.
            time=field("created_at"),
        ),
        "hall.closed": Handles(
            payloads.HallClosed,
            hall_closed,
            # Guessed: hall.id is the id of what hall.closed is about.
            subject=joined(":", constant("hall"), field("hall.id")),
            # Guessed: created_at is called like a time, as in 2026-03-02T16:00:00+01:00.
            time=field("created_at"),
        ),
        "visit.booked": Handles(
            payloads.VisitBooked,
            visit_booked,
            # Guessed: visit.id is the id of what visit.booked is about.
            subject=joined(":", constant("visit"), field("visit.id")),
            # Guessed: created_at is called like a time, as in 2026-03-02T08:15:02+01:00.
            time=field("created_at"),
        ),
    },
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
)
