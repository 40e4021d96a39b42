"""Maps a buyer, from a customer's account or from an order about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.woocommerce.settings import Settings
from worker.plan import Value
from worker.sdk.mapping import CONTACT_NAME, address, clip, email, org_number, person_name, phone
from worker.sdk.mapping.buyers import Buyer

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
    first, last = person_name(
        person.get("first_name") or billing.get("first_name"), person.get("last_name") or billing.get("last_name")
    )
    return Buyer(
        id=key,
        first=clip(first, CONTACT_NAME),
        last=clip(last, CONTACT_NAME),
        email=email(person.get("email") or billing.get("email")),
        phone=phone(billing.get("phone"), settings.phone_region),
        company=billing.get("company"),
        org_number=org_number(meta(said, settings.org_number_meta)),
        addresses=tuple(postal({"Invoice": billing, "Delivery": shipping})),
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
