"""Maps customers to companies with a contact."""

from __future__ import annotations

from worker.connectors.stripe.buyers import of_customer
from worker.connectors.stripe.parties import contact, home, numbered
from worker.connectors.stripe.settings import Settings
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event
from worker.sdk.mapping import org_number


def customer(event: Event, settings: Settings) -> Plan | Ignored:
    said, read = event.payload["data"]["object"], event.read.get("customer")
    # What the event tells was so when it happened. Tax numbers it never tells.
    buyer = of_customer({**said, "tax_ids": said["tax_ids"] or read["tax_ids"]} if read else said, settings)
    if not (buyer.company or buyer.person or buyer.email):
        return Ignored("customer without name and address")
    place = home(buyer, settings, buys=False)
    person = contact(buyer, place, authoritative=True)
    return (*place.upserts, person) if person else place.upserts


def tax_id(event: Event, _settings: Settings) -> Plan | Ignored:
    """A number that comes after its customer fills in."""
    said = event.payload["data"]["object"]
    number = org_number(said["value"])
    return numbered(said["customer"], number) if said["customer"] and number else Ignored("tax number of no customer")
