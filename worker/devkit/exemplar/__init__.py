"""Exemplar: people become contacts of companies, what happened an activity to follow up."""

from __future__ import annotations

from worker.connector import Connector, Event, Handles
from worker.devkit.exemplar import payloads
from worker.devkit.exemplar.activities import activity
from worker.devkit.exemplar.people import Person, account, contacts
from worker.devkit.exemplar.settings import Settings
from worker.mapping import at, constant, field, joined
from worker.plan import Plan
from worker.signatures import HmacSha256


def customer_updated(event: Event, settings: Settings) -> Plan:
    person = Person(id=at(event.payload, "customer.id"))
    home = account(person, settings)
    return (home, *contacts(person, home.key, event, settings, authoritative=True))


def hall_closed(event: Event, settings: Settings) -> Plan:
    home = account(Person(), settings)
    return (home, activity(event, "Hall closed", home.key, (), settings))


def visit_booked(event: Event, settings: Settings) -> Plan:
    person = Person(id=at(event.payload, "customer.id"))
    home = account(person, settings)
    people = contacts(person, home.key, event, settings)
    return (home, *people, activity(event, "Visit booked", home.key, people, settings))


connector = Connector(
    name="exemplar",
    title="Exemplar",
    signature=HmacSha256("X-Exemplar-Signature", prefix="sha256="),
    event_id=field("event_id"),
    event_type=field("event"),
    handles={
        "visit.booked": Handles(
            payloads.VisitBooked,
            visit_booked,
            subject=joined(":", constant("visit"), field("visit.id")),
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
