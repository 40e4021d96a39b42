"""Maps a buyer to a company and a contact."""

from __future__ import annotations

from worker.connectors.stripe.buyers import Buyer
from worker.connectors.stripe.settings import Settings
from worker.plan import Key, Placed, Standing, Upsert, Value
from worker.sdk.mapping import CONTACT_NAME, Home, clip, company, company_name, filled, home_of, named, split_name
from worker.sdk.mapping import contact as known_contact


def home(buyer: Buyer, settings: Settings, *, buys: bool = True) -> Home:
    """The company that is named, else the one where the buyer is known, or their own.

    `buys`: there is something to hang on a company of their own. Without it none is made.
    """
    known: dict[str, Value] = {"addresses": buyer.addresses, "phone": buyer.phone}
    name = company_name(buyer.company)
    if name:
        found = company(
            name,
            id=_firm(buyer.id) if buyer.id else None,
            owner=settings.owner,
            org_number=buyer.org_number,
            mail=buyer.email,
            if_empty=known,
        )
        return named(found)
    return home_of(
        buyer.email,
        id=_own(buyer.id) if buyer.id else None,
        owner=settings.owner,
        fallback_company=settings.fallback_company,
        own=buyer.person if buys else None,
        by_domain=True,
        if_ours=known,
    )


def place_of(customer: str, *, needed: bool = False) -> tuple[Placed, ...]:
    """Where a customer belongs, for events that name the customer and nothing else."""
    firm, own = Key("account", _firm(customer)), Key("account", _own(customer))
    return (Placed(firm, Standing.TOLD), Placed(own, Standing.OWN, needed))


def contact(buyer: Buyer, place: Home, *, authoritative: bool) -> Upsert | None:
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
    return known_contact(buyer.key, known, place, authoritative=authoritative)


def _firm(customer: str) -> str:
    """The company that a customer names. It is another thing than the one that stood in before."""
    return f"firm:{customer}"


def _own(customer: str) -> str:
    return f"customer:{customer}"
