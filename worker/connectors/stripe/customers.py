"""Maps customers to companies with a contact."""

from __future__ import annotations

from worker.connectors.stripe.buyers import of_customer
from worker.connectors.stripe.parties import contact, home
from worker.connectors.stripe.settings import Settings
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event


def customer(event: Event, settings: Settings) -> Plan | Ignored:
    buyer = of_customer(event.payload["data"]["object"], settings)
    if not (buyer.company or buyer.person or buyer.email):
        return Ignored("customer without name and address")
    place = home(buyer, settings, buys=False)
    person = contact(buyer, place, authoritative=True)
    return (*place.upserts, person) if person else place.upserts
