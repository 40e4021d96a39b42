"""Says what is read of Stripe for an event: tax numbers, products' names, who pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.sdk.connector import Event, Extract, Incoming
from worker.sdk.mapping import at
from worker.sdk.source import Get

LINES = 10
"""An event holds no more lines of an invoice."""
PLACES = ("pricing.price_details.product", "price.product", "plan.product")


def thing_of(incoming: Incoming) -> Mapping[str, Any]:
    """What the event is about: in its payload, or read because the payload is thin."""
    kind = at(incoming.payload, "related_object.type")
    found = at(incoming.payload, "data.object") or (incoming.read.get(kind) if isinstance(kind, str) else None)
    return found if isinstance(found, dict) else {}


def unnumbered(incoming: Incoming) -> str | None:
    """The customer, whose tax numbers no event tells."""
    customer = thing_of(incoming)
    return None if customer.get("tax_ids") else _id(customer.get("id"))


def nameless(incoming: Incoming) -> str | None:
    """Who pays an invoice that names its customer by the id alone, as API versions before 2019 do."""
    invoice = thing_of(incoming)
    named = any(invoice.get(f"customer_{each}") for each in ("name", "email"))
    return None if named else _id(invoice.get("customer"))


def product(number: int) -> Extract:
    """The product of this number among those that the lines name by their ids."""

    def found(incoming: Incoming) -> str | None:
        products = _products(thing_of(incoming))
        return products[number] if number < len(products) else None

    return found


def _products(thing: Mapping[str, Any]) -> list[str]:
    """Of an invoice's lines or a subscription's items, each once."""
    lines = at(thing, "lines.data") or at(thing, "items.data")
    found = (_first(line) for line in (lines if isinstance(lines, list) else ()))
    return list(dict.fromkeys(filter(None, found)))


def _first(line: Any) -> str | None:
    return next(filter(None, (_id(at(line, place)) for place in PLACES)), None)


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


CUSTOMER = Get("customer", unnumbered, optional=True)
PAYER = Get("customer", nameless, optional=True)
PRODUCTS = tuple(Get("product", product(number), name=f"product_{number}", optional=True) for number in range(LINES))


def names(event: Event) -> Mapping[str, str]:
    """What products are called, by their ids, as far as they were read."""
    found = (event.read.get(get.called) for get in PRODUCTS)
    return {each["id"]: each["name"] for each in found if each and each["name"]}
