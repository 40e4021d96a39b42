"""Maps a buyer, from a customer's account or from an order about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.woocommerce.settings import Settings
from worker.plan import Value
from worker.sdk.mapping import address, email, org_number
from worker.sdk.mapping.told import Buyer, Told, buyer_of

GUEST = "0"


def of_customer(customer: Mapping[str, Any], settings: Settings) -> Buyer:
    return _buyer(customer, f"customer:{customer['id']}", customer, settings)


def of_order(order: Mapping[str, Any], settings: Settings) -> Buyer:
    billing = order["billing"] or {}
    mail = email(billing.get("email"))
    known = order["customer_id"] and order["customer_id"] != GUEST
    guest = f"email:{mail}" if mail else None
    return _buyer(order, f"customer:{order['customer_id']}" if known else guest, billing, settings)


def _buyer(said: Mapping[str, Any], key: str | None, person: Mapping[str, Any], settings: Settings) -> Buyer:
    billing, shipping = said["billing"] or {}, said["shipping"] or {}
    return buyer_of(
        key,
        email(person.get("email") or billing.get("email")),
        Told(first=person.get("first_name"), last=person.get("last_name")),
        told(billing),
        told(shipping),
        phone_region=settings.phone_region,
        org_number=org_number(meta(said, settings.org_number_meta)),
        addresses=tuple(postal({"Invoice": billing, "Delivery": shipping})),
    )


def told(at: Mapping[str, Any]) -> Told:
    return Told(
        first=at.get("first_name"),
        last=at.get("last_name"),
        company=at.get("company"),
        phone=at.get("phone"),
        country=at.get("country"),
    )


def meta(said: Mapping[str, Any], key: str | None) -> str | None:
    values = (each["value"] for each in said["meta_data"] or () if key and each["key"] == key)
    return next((str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool)), None)


def postal(places: Mapping[Any, Mapping[str, Any]]) -> Iterator[dict[str, Value]]:
    for kind, place in places.items():
        found = address(
            kind,
            street=", ".join(filter(None, (place.get("address_1"), place.get("address_2")))),
            zipcode=place.get("postcode"),
            city=place.get("city"),
            state=place.get("state"),
            country=place.get("country"),
        )
        # A country alone is the shop's default, not an address.
        if found and set(found) != {"type", "country"}:
            yield found
