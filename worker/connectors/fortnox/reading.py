"""Says what is read of Fortnox for an event, and which order of Upsales it is about.

An offer, the order made of it and the invoice of that are one deal. Each names what it was made of, never what stands two steps before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.connectors.fortnox.parties import key as customer_key
from worker.errors import Rejected
from worker.plan import Key, Placed, Standing
from worker.sdk.connector import Event, Extract, Incoming
from worker.sdk.mapping import field, made_of, read_field
from worker.sdk.source import Get


def referred(path: str) -> Extract:
    """What a reference names. Fortnox writes none as `0`, too."""

    @made_of(read_field(path))
    def number(incoming: Incoming) -> str | None:
        found = read_field(path)(incoming)
        return found if follows(found) else None

    return number


def follows(number: str | None) -> bool:
    """Whether a reference names something."""
    return number not in (None, "", "0")


OWN = field("entityId")
CUSTOMER = (Get("customer", OWN),)
ARTICLE = (Get("article", OWN),)
OFFER = (Get("offer", OWN), Get("buyer", read_field("offer.CustomerNumber"), optional=True))
ORDER = (Get("order", OWN), Get("buyer", read_field("order.CustomerNumber"), optional=True))
BESIDE_INVOICE = (
    Get("buyer", read_field("invoice.CustomerNumber"), optional=True),
    # Of the invoice that was credited, or of the one that credits it.
    Get("counterpart", referred("invoice.CreditInvoiceReference"), optional=True),
    Get("origin", referred("invoice.OrderReference"), optional=True),
)
INVOICE = (Get("invoice", OWN), *BESIDE_INVOICE)
PAYMENT = (Get("payment", OWN), Get("invoice", read_field("payment.InvoiceNumber")), *BESIDE_INVOICE)
# What an event of a reminder names is not documented; where it is no invoice, nothing is found.
REMINDED = (Get("invoice", OWN, optional=True), *BESIDE_INVOICE)
BACK_ORDER = "BACKORDER"


def read(event: Event, name: str) -> Mapping[str, Any]:
    """What the event is about. Raises Rejected where it was not read: an event tells no more than its number."""
    found: Mapping[str, Any] | None = event.read.get(name)
    if found is None:
        raise Rejected(f"its {name} was not read: an event of Fortnox tells no more than a number")
    return found


def order(name: str, number: str) -> Key:
    return Key("order", f"{name}:{number}")


def deal_of_order(said: Mapping[str, Any]) -> Key:
    """What is delivered later is a deal of its own: what was delivered first has been invoiced without it."""
    own = order("order", said["DocumentNumber"])
    return order("offer", said["OfferReference"]) if follows(said["OfferReference"]) and not back_order(said) else own


def deal_of_invoice(said: Mapping[str, Any], origin: Mapping[str, Any] | None) -> Key:
    if origin is not None:
        return deal_of_order(origin)
    if follows(said["OrderReference"]):
        return order("order", said["OrderReference"])
    if follows(said["OfferReference"]):
        return order("offer", said["OfferReference"])
    return order("invoice", said["DocumentNumber"])


def back_order(said: Mapping[str, Any]) -> bool:
    return (said["OrderType"] or "").upper() == BACK_ORDER


def place(said: Mapping[str, Any]) -> tuple[Placed, ...]:
    """Of an activity: where the customer is, if they are known."""
    number = said["CustomerNumber"]
    return (Placed(Key("account", customer_key(number)), Standing.TOLD, needed=False),) if number else ()
