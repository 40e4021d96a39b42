"""Customers become contacts, with the company they name; those who leave stay, unless set otherwise."""

from __future__ import annotations

from worker.connector import Event
from worker.connectors.woocommerce.buyers import account, contact, of_customer
from worker.connectors.woocommerce.settings import Settings
from worker.plan import Ignored, Key, Plan, Upsert

# https://wordpress.org/documentation/article/roles-and-capabilities/; plugins add roles of customers
STAFF = frozenset({"administrator", "shop_manager", "editor", "author", "contributor"})


def customer(event: Event, settings: Settings) -> Plan | Ignored:
    if event.payload["role"] in STAFF:
        return Ignored("user who runs the shop")
    buyer = of_customer(event.payload, settings)
    home = account(buyer, settings)
    person = contact(buyer, home.key, authoritative=True)
    return (home, person) if person else Ignored("customer without name and address")


def gone(event: Event, settings: Settings) -> Plan | Ignored:
    """A CRM keeps the history of a customer who left; only the contact's flag may change."""
    if settings.gone_customers == "keep":
        return Ignored("contacts of gone customers are kept")
    return (Upsert(key=Key("contact", event.subject), set={"active": 0}, create=False),)
