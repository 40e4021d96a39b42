"""Maps a buyer to a company and a contact."""

from __future__ import annotations

from dataclasses import replace

from worker.connectors.stripe.buyers import Buyer
from worker.connectors.stripe.settings import Settings
from worker.plan import Key, Match, Upsert, User, Value
from worker.sdk.mapping import (
    ACCOUNT_NAME,
    CONTACT_NAME,
    WEBPAGE,
    clip,
    company,
    company_domain,
    company_of_domain,
    filled,
    split_name,
)


def account(buyer: Buyer, settings: Settings) -> Upsert:
    """Always under the customer's own key: other events name the customer and nothing else."""
    known: dict[str, Value] = {"addresses": buyer.addresses, "phone": buyer.phone}
    key, owner = buyer.key, settings.owner
    own = key if buyer.id else None
    if buyer.company:
        return company(buyer.company, owner=owner, key=own, org_number=buyer.org_number, if_empty=known)
    if key and buyer.person:
        # No natural key: two people of one name are two customers.
        return Upsert(
            key=Key("account", key),
            on_create={"name": clip(buyer.person, ACCOUNT_NAME), "users": (User(owner),)},
            if_empty=filled(known),
        )
    domain = company_domain(buyer.email)
    if domain and len(domain) <= WEBPAGE:
        found = company_of_domain(domain, owner)
        return replace(found, key=Key("account", own)) if own else found
    return company(settings.fallback_company, owner=owner, key=own)


def contact(buyer: Buyer, home: Key, *, authoritative: bool) -> Upsert | None:
    """`authoritative`: the customer's own data; an invoice only fills gaps. None where nobody is known."""
    first, last = split_name(buyer.person or "")
    if buyer.key is None or not (first or last or buyer.email):
        return None
    known = filled(
        {
            "firstName": clip(first, CONTACT_NAME),
            "lastName": clip(last, CONTACT_NAME),
            "email": buyer.email,
            # A company's customer has one number, which is the company's.
            "phone": buyer.phone if buyer.person else None,
        }
    )
    return Upsert(
        key=Key("contact", buyer.key),
        match=(Match("email", buyer.email, shared=True),) if buyer.email else (),
        set=known if authoritative else {},
        on_create={"client": home},
        if_empty={} if authoritative else known,
    )
