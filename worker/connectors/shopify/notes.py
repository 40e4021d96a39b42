"""Writes what fits no field of an order as its notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.shopify.buyers import called
from worker.connectors.shopify.rows import Sale
from worker.sdk.mapping import email
from worker.sdk.mapping.notes import labelled, notes, ordered_by, sold
from worker.sdk.mapping.told import Told


def order_notes(order: Mapping[str, Any], sale: Sale) -> str:
    lines = [sold(each.quantity, each.title, each.line["sku"]) for each in sale.pieces]
    return notes(order["note"], [*lines, *sale.extras], _told(order))


def _told(order: Mapping[str, Any]) -> Iterator[str]:
    gateways = order["payment_gateway_names"]
    paid_by = [each for each in gateways if isinstance(each, str)] if isinstance(gateways, list) else []
    codes = [each["code"] for each in order["discount_codes"] or () if each["code"]]
    yield from labelled({"PO number": order["po_number"]})
    for each in order["note_attributes"] or ():
        yield from labelled({each["name"] or "Note": each["value"]})
    yield from labelled(
        {
            "Discount code": ", ".join(codes),
            "Payment": ", ".join(paid_by),
            "Tags": order["tags"],
            **_who(order),
        }
    )


def _who(order: Mapping[str, Any]) -> dict[str, str | None]:
    """The customer; and whoever the billing address names besides, who pays or shares the customer's e-mail address."""
    customer = order["customer"] or {}
    at = order["billing_address"] or order["shipping_address"] or {}
    buyer, there = called(customer), called(at)
    ordered = ordered_by(
        _name(buyer if buyer.words and not buyer.words < there.words else there),
        email(customer.get("email") or order["email"]),
        order["phone"] or (at.get("phone") if buyer.may_be(there) else None) or customer.get("phone"),
        at.get("address1"),
        at.get("address2"),
        " ".join(filter(None, (at.get("zip"), at.get("city")))),
    )
    label = "Billed to" if order["billing_address"] else "Delivered to"
    return ordered if buyer.may_be(there) else {**ordered, label: _name(there)}


def _name(told: Told) -> str:
    return " ".join(filter(None, (told.first, told.last)))
