"""Maps a payer, from a customer, an invoice or a Checkout session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from worker.connectors.stripe.settings import Settings
from worker.plan import Value
from worker.sdk.mapping import (
    address,
    company_domain,
    company_name,
    email,
    has_legal_form,
    org_number,
    phone,
    region,
)

Places: TypeAlias = Mapping[Literal["Invoice", "Delivery"], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """`id`: Stripe's customer; None for a guest. `company`, `person`: whose name is known."""

    id: str | None
    company: str | None
    person: str | None
    email: str | None
    phone: str | None
    org_number: str | None
    addresses: tuple[Value, ...]

    @property
    def key(self) -> str | None:
        by_mail = f"email:{self.email}" if self.email else None
        return f"customer:{self.id}" if self.id else by_mail


def of_customer(customer: Mapping[str, Any], settings: Settings) -> Buyer:
    places: Places = {"Invoice": customer["address"], "Delivery": (customer["shipping"] or {}).get("address")}
    return _buyer(customer["id"], customer, places, (customer["tax_ids"] or {}).get("data"), settings)


def of_invoice(invoice: Mapping[str, Any], customer: Mapping[str, Any] | None, settings: Settings) -> Buyer:
    """`customer`: read where the invoice tells nothing of it but the id."""
    if customer is not None:
        return of_customer(customer, settings)
    places: Places = {
        "Invoice": invoice["customer_address"],
        "Delivery": (invoice["customer_shipping"] or {}).get("address"),
    }
    said = {name: invoice[f"customer_{name}"] for name in ("name", "email", "phone")}
    return _buyer(invoice["customer"], said, places, invoice["customer_tax_ids"], settings)


def of_session(session: Mapping[str, Any], settings: Settings) -> Buyer:
    said = session["customer_details"] or {}
    shipping = session["shipping_details"] or (session["collected_information"] or {}).get("shipping_details")
    places: Places = {"Invoice": said.get("address"), "Delivery": (shipping or {}).get("address")}
    return _buyer(session["customer"], said, places, said.get("tax_ids"), settings)


def _buyer(
    customer: str | None,
    said: Mapping[str, Any],
    places: Places,
    tax_ids: Iterable[Mapping[str, Any]] | None,
    settings: Settings,
) -> Buyer:
    number = next((each["value"] for each in tax_ids or () if each["value"]), None)
    mail, name, person = email(said.get("email")), company_name(said.get("name")), said.get("individual_name")
    sure = number or (name and has_legal_form(name))
    # A private address is a person's, whatever a shop's customers are.
    likely = settings.customers == "companies" and not person and (mail is None or company_domain(mail))
    employer = company_name(said.get("business_name")) or (name if sure or likely else None)
    countries = [region((at or {}).get("country")) for at in places.values()]
    return Buyer(
        id=customer,
        company=employer,
        person=person or (name if name != employer else None),
        email=mail,
        phone=phone(said.get("phone"), *countries, settings.phone_region),
        org_number=org_number(number),
        addresses=tuple(postal(places)),
    )


def postal(places: Places) -> Iterator[dict[str, Value]]:
    for kind, place in places.items():
        at = place or {}
        street = ", ".join(filter(None, (at.get("line1"), at.get("line2"))))
        found = address(
            kind,
            street=street,
            zipcode=at.get("postal_code"),
            city=at.get("city"),
            state=at.get("state"),
            country=at.get("country"),
        )
        # Stripe asks everybody for a country; alone it is no address.
        if found and set(found) > {"type", "country"}:
            yield found
