"""Who buys: a company and a contact, from a customer or from what an order says about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.connectors.shopify.settings import Settings
from worker.mapping import ACCOUNT_NAME, CONTACT_NAME, address, clip, company, email, filled, person_name, phone
from worker.plan import Key, Match, Upsert, User, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """`id`: what the contact is known by; None for a sale over the counter."""

    id: str | None
    first: str
    last: str
    email: str | None
    phone: str | None
    company: str | None
    company_key: str | None = None
    addresses: tuple[Value, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()


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


def account(buyer: Buyer, settings: Settings) -> Upsert:
    known: dict[str, Value] = {"addresses": buyer.addresses, "phone": buyer.phone}
    if buyer.company:
        return company(buyer.company, owner=settings.owner, key=buyer.company_key, if_empty=known)
    if buyer.id and buyer.name and settings.consumers == "own":
        # No natural key: two people of one name are two customers.
        return Upsert(
            key=Key("account", buyer.id),
            on_create={"name": clip(buyer.name, ACCOUNT_NAME), "users": (User(settings.owner),)},
            if_empty=filled(known),
        )
    return company(settings.fallback_company, owner=settings.owner)


def contact(buyer: Buyer, home: Key, *, authoritative: bool) -> Upsert | None:
    """`authoritative`: the customer's own data; an order only fills gaps. None for a buyer without name and address."""
    if buyer.id is None or not (buyer.name or buyer.email):
        return None
    known = filled({"firstName": buyer.first, "lastName": buyer.last, "email": buyer.email, "phone": buyer.phone})
    return Upsert(
        key=Key("contact", buyer.id),
        # Shopify keeps an e-mail address unique in a shop; a guest's order and a later account are one person.
        match=(Match("email", buyer.email, shared=True),) if buyer.email else (),
        set=known if authoritative else {},
        on_create={"client": home},
        if_empty={} if authoritative else known,
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
