"""Maps customers to contacts and the company they name; staff of the shop is left out."""

from __future__ import annotations

from worker.connectors.woocommerce.buyers import of_customer
from worker.connectors.woocommerce.settings import Settings
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event
from worker.sdk.mapping.buyers import contact, home

# https://wordpress.org/documentation/article/roles-and-capabilities/; plugins add roles of customers
STAFF = frozenset({"administrator", "shop_manager", "editor", "author", "contributor"})


def customer(event: Event, settings: Settings) -> Plan | Ignored:
    if event.payload["role"] in STAFF:
        return Ignored("user who runs the shop")
    buyer = of_customer(event.payload, settings)
    place = home(buyer, settings, buys=False)
    person = contact(buyer, place, authoritative=True)
    return (*place.upserts, person) if person else Ignored("customer without name and address")
