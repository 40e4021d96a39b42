"""Maps a customer to a company; a private one to a company of their own with a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worker.connectors.fortnox.addresses import addresses
from worker.connectors.fortnox.custom import custom
from worker.connectors.fortnox.settings import Settings
from worker.plan import Key, Upsert
from worker.sdk.mapping import (
    CONTACT_NAME,
    Home,
    clip,
    company,
    contact,
    email,
    filled,
    home_at,
    home_of,
    org_number,
    phone,
    split_name,
)
from worker.sdk.mapping.contacts import is_personal


def key(customer: str) -> str:
    return f"customer:{customer}"


def owner(reference: str | None, settings: Settings) -> str:
    """The user whom `Our reference` names, in any case of letters."""
    named = {name.casefold(): mail for name, mail in settings.owners.items()}
    return named.get((reference or "").casefold(), settings.owner)


def is_private(customer: Mapping[str, Any]) -> bool:
    """Where Fortnox does not say so, by the number: one that begins with a day of birth is a person's."""
    kind = (customer["Type"] or "").upper()
    return kind == "PRIVATE" or (kind != "COMPANY" and is_personal(customer["OrganisationNumber"]))


def number(customer: Mapping[str, Any]) -> str | None:
    """A sole trader's is their personal number, which stays in Fortnox."""
    said = customer["OrganisationNumber"]
    return None if is_personal(said) else org_number(said)


def home(customer: Mapping[str, Any], settings: Settings) -> Home:
    name, own = customer["Name"], key(customer["CustomerNumber"])
    who = owner(customer["OurReference"], settings)
    if name and not is_private(customer):
        found = company(
            name,
            id=own,
            owner=who,
            org_number=number(customer),
            website=customer["WWW"],
            mail=email(customer["Email"]),
        )
        return home_at(_known(found, customer, settings))
    place = home_of(email(customer["Email"]), id=own, owner=who, fallback_company=settings.fallback_company, own=name)
    first, *rest = place.upserts
    known = _known(first, customer, settings) if first.key == Key("account", own) else first
    return Home((known, *rest), place.place)


def _known(found: Upsert, customer: Mapping[str, Any], settings: Settings) -> Upsert:
    """Phone and addresses follow Fortnox until somebody changes them in Upsales."""
    numbers = phone(customer["Phone1"], customer["CountryCode"] or "", settings.phone_region)
    facts = {"customer_number": customer["CustomerNumber"]}
    facts |= {} if customer["Active"] is None else {"active": customer["Active"]}
    leaves = customer["Active"] is False and settings.inactive_customers == "deactivate"
    return replace(
        found,
        set={**found.set, **custom("account", facts, settings), **({"active": 0} if leaves else {})},
        if_empty={**found.if_empty, **filled({"addresses": tuple(addresses(customer))})},
        while_ours={**found.while_ours, **filled({"phone": numbers})},
    )


def person(customer: Mapping[str, Any], place: Home, settings: Settings) -> tuple[Upsert, ...]:
    """Of a private customer. A company's address is nobody's in particular: often one that takes invoices."""
    mail = email(customer["Email"])
    if not is_private(customer) or not (mail or customer["Name"]):
        return ()
    first, last = split_name(customer["Name"] or "")
    known = filled(
        {
            "firstName": clip(first, CONTACT_NAME),
            "lastName": clip(last, CONTACT_NAME),
            "email": mail,
            "phone": phone(customer["Phone1"], customer["CountryCode"] or "", settings.phone_region),
        }
    )
    return (contact(key(customer["CustomerNumber"]), known, place, authoritative=True),)
