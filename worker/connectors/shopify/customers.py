"""Maps customers to contacts, with the company that they name."""

from __future__ import annotations

from worker.connectors.shopify.buyers import of_customer
from worker.connectors.shopify.settings import Settings
from worker.plan import ActivityType, Ignored, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import block, day, filled
from worker.sdk.mapping.buyers import contact, customer_gone, home

REQUESTS = {
    "customers/redact": "Shopify: erase a customer's personal data",
    "customers/data_request": "Shopify: a customer asks for their personal data",
}


def customer(event: Event, settings: Settings) -> Plan | Ignored:
    buyer = of_customer(event.payload, settings)
    place = home(buyer, settings, buys=False)
    person = contact(buyer, place, authoritative=True)
    return (*place.upserts, person) if person else Ignored("customer without name and address")


def merged(event: Event, settings: Settings) -> Plan | Ignored:
    """The contact of the customer who went into another one. Upsales's API can't merge contacts."""
    if event.payload["status"] == "failed":
        return Ignored("merge that failed")
    return customer_gone(event, settings)


def request(event: Event, settings: Settings) -> Plan:
    """A to-do for the owner: what the law asks for takes a person."""
    person = event.payload["customer"]
    notes = [f"Shopify customer {person['id']}", person["email"], person["phone"]]
    return (
        Upsert(
            key=Key("activity", f"{event.type}:{person['id']}"),
            on_create=filled(
                {
                    "description": REQUESTS[event.type],
                    "notes": block("\n".join(filter(None, notes))),
                    "users": (User(settings.owner),),
                    "activityType": ActivityType("activity"),
                    "date": day(event.time, settings.time_zone),
                }
            ),
        ),
    )
