"""Maps a buyer, from a customer or from an order about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from worker.connectors.shopify.settings import Settings
from worker.plan import Value
from worker.sdk.mapping import address, email
from worker.sdk.mapping.told import Buyer, Told, buyer_of


def of_customer(customer: Mapping[str, Any], settings: Settings) -> Buyer:
    at = at_home(customer)
    return buyer_of(
        f"customer:{customer['id']}",
        email(customer["email"]),
        called(customer),
        told(at),
        phone_region=settings.phone_region,
        addresses=tuple(postal({"Visit": at})),
    )


def of_order(order: Mapping[str, Any], settings: Settings) -> Buyer:
    billing, shipping, customer = (
        order["billing_address"] or {},
        order["shipping_address"] or {},
        order["customer"] or {},
    )
    mail = email(customer.get("email") or order["email"])
    by_mail = f"email:{mail}" if mail else None
    return buyer_of(
        f"customer:{customer['id']}" if customer else by_mail,
        mail,
        called(customer),
        Told(phone=order["phone"]),
        told(billing),
        told(shipping),
        Told(company=at_home(customer).get("company")),
        phone_region=settings.phone_region,
        company_key=f"b2b:{order['company']['id']}" if order["company"] else None,
        addresses=tuple(postal({"Invoice": billing, "Delivery": shipping})),
    )


def at_home(customer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The customer's default address, else their first one."""
    listed: Sequence[Mapping[str, Any]] = customer.get("addresses") or ()
    marked = next((each for each in listed if each["default"]), None)
    found: Mapping[str, Any] = customer.get("default_address") or marked or next(iter(listed), {})
    return found


def called(customer: Mapping[str, Any]) -> Told:
    return Told(first=customer.get("first_name"), last=customer.get("last_name"), phone=customer.get("phone"))


def told(at: Mapping[str, Any]) -> Told:
    return replace(called(at), company=at.get("company"), country=country(at))


def country(at: Mapping[str, Any]) -> str | None:
    found: str | None = at.get("country_code") or at.get("country")
    return found


def postal(places: Mapping[Any, Mapping[str, Any]]) -> Iterator[dict[str, Value]]:
    for kind, place in places.items():
        street = ", ".join(filter(None, (place.get("address1"), place.get("address2"))))
        found = address(
            kind,
            street=street,
            zipcode=place.get("zip"),
            city=place.get("city"),
            state=place.get("province"),
            country=country(place),
        )
        if found:
            yield found
