"""Exemplar: people become contacts of companies, what happened an activity to follow up."""

from __future__ import annotations

from worker.devkit.scaffold.template import payloads
from worker.devkit.scaffold.template.activities import activity
from worker.devkit.scaffold.template.people import Person, account, contacts
from worker.devkit.scaffold.template.settings import Settings
from worker.plan import Plan
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import at, constant, field, joined
from worker.sdk.signatures import HmacSha256


def customer_updated(event: Event, settings: Settings) -> Plan:
    # Guessed by the names of the fields and by what stood in them.
    person = Person(
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
    home = account(person, settings)
    return (home, *contacts(person, home.key, event, settings, authoritative=True))


def hall_closed(event: Event, settings: Settings) -> Plan:
    home = account(Person(), settings)
    follow_up = activity(
        event,
        "Hall closed",
        home.key,
        (),
        settings,
        about=at(event.payload, "hall.name"),
    )
    return (home, follow_up)


def visit_booked(event: Event, settings: Settings) -> Plan:
    # Guessed by the names of the fields and by what stood in them.
    person = Person(
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
    home = account(person, settings)
    people = contacts(person, home.key, event, settings)
    follow_up = activity(
        event,
        "Visit booked",
        home.key,
        people,
        settings,
        about=at(event.payload, "visit.place"),
        amount=at(event.payload, "visit.price"),
        currency=at(event.payload, "visit.currency"),
    )
    return (home, *people, follow_up)


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
