"""Maps a buyer, from a customer or from an order about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.shopify.settings import Settings
from worker.plan import Value
from worker.sdk.mapping import CONTACT_NAME, address, clip, email, person_name, phone
from worker.sdk.mapping.buyers import Buyer


def of_customer(customer: Mapping[str, Any], settings: Settings) -> Buyer:
    at = customer["default_address"] or {}
    first, last = person_name(
        customer["first_name"] or at.get("first_name"), customer["last_name"] or at.get("last_name")
    )
    return Buyer(
        id=f"customer:{customer['id']}",
        first=clip(first, CONTACT_NAME),
        last=clip(last, CONTACT_NAME),
        email=email(customer["email"]),
        phone=phone(customer["phone"] or at.get("phone"), settings.phone_region),
        company=at.get("company"),
        addresses=tuple(postal({"Visit": at})),
    )


def of_order(order: Mapping[str, Any], settings: Settings) -> Buyer:
    billing, shipping, customer = (
        order["billing_address"] or {},
        order["shipping_address"] or {},
        order["customer"] or {},
    )
    mail = email(customer.get("email") or order["email"])
    first, last = person_name(
        customer.get("first_name") or billing.get("first_name"), customer.get("last_name") or billing.get("last_name")
    )
    by_mail = f"email:{mail}" if mail else None
    return Buyer(
        id=f"customer:{customer['id']}" if customer else by_mail,
        first=clip(first, CONTACT_NAME),
        last=clip(last, CONTACT_NAME),
        email=mail,
        phone=phone(customer.get("phone") or order["phone"] or billing.get("phone"), settings.phone_region),
        company=billing.get("company") or (customer.get("default_address") or {}).get("company"),
        company_key=f"b2b:{order['company']['id']}" if order["company"] else None,
        addresses=tuple(postal({"Invoice": billing, "Delivery": shipping})),
    )


def postal(places: Mapping[Any, Mapping[str, Any]]) -> Iterator[dict[str, Value]]:
    for kind, place in places.items():
        street = ", ".join(filter(None, (place.get("address1"), place.get("address2"))))
        found = address(
            kind,
            street=street,
            zipcode=place.get("zip"),
            city=place.get("city"),
            state=place.get("province"),
            country=place.get("country_code"),
        )
        if found:
            yield found
