"""Who buys: a company and a contact, from a customer's account or from what an order says about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.connectors.woocommerce.settings import Settings
from worker.mapping import (
    ACCOUNT_NAME,
    CONTACT_NAME,
    address,
    clip,
    company,
    email,
    filled,
    org_number,
    person_name,
    phone,
)
from worker.plan import Key, Match, Upsert, User, Value

GUEST = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """`id`: what the contact is known by; None for a guest without e-mail address."""

    id: str | None
    first: str
    last: str
    email: str | None
    phone: str | None
    company: str | None
    org_number: str | None
    addresses: tuple[Value, ...]

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()


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


def account(buyer: Buyer, settings: Settings) -> Upsert:
    known: dict[str, Value] = {"addresses": buyer.addresses, "phone": buyer.phone}
    if buyer.company:
        return company(buyer.company, owner=settings.owner, org_number=buyer.org_number, if_empty=known)
    if buyer.id and buyer.name and settings.consumers == "own":
        # No natural key: two people of one name are two customers.
        return Upsert(
            key=Key("account", buyer.id),
            on_create={"name": clip(buyer.name, ACCOUNT_NAME), "users": (User(settings.owner),)},
            if_empty=filled(known),
        )
    return company(settings.fallback_company, owner=settings.owner)


def contact(buyer: Buyer, home: Key, *, authoritative: bool) -> Upsert | None:
    """`authoritative`: the customer's own account; an order only fills gaps. None for a buyer without name and address."""
    if buyer.id is None or not (buyer.name or buyer.email):
        return None
    known = filled({"firstName": buyer.first, "lastName": buyer.last, "email": buyer.email, "phone": buyer.phone})
    return Upsert(
        key=Key("contact", buyer.id),
        # An e-mail address has one account in a shop; a guest's order and a later account are one person.
        match=(Match("email", buyer.email, shared=True),) if buyer.email else (),
        set=known if authoritative else {},
        on_create={"client": home},
        if_empty={} if authoritative else known,
    )


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
