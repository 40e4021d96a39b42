"""Maps a buyer to a company and a contact."""

from __future__ import annotations

from dataclasses import replace

from worker.connectors.stripe.buyers import Buyer
from worker.connectors.stripe.settings import Settings
from worker.plan import Key, Match, Placed, Plan, Standing, Upsert, Value
from worker.sdk.mapping import CONTACT_NAME, Home, clip, company, filled, has_legal_form, home_at, home_of, split_name
from worker.sdk.mapping import contact as known_contact


def home(buyer: Buyer, settings: Settings, *, buys: bool = True) -> Home:
    """The company that is named, else the one where the buyer is known, or their own.

    `buys`: there is something to hang on a company of their own. Without it none is made.
    """
    known: dict[str, Value] = {"addresses": buyer.addresses, "phone": buyer.phone}
    if buyer.company:
        found = company(
            buyer.company,
            id=_firm(buyer.id) if buyer.id else None,
            owner=settings.owner,
            org_number=buyer.org_number,
            mail=buyer.email,
            if_empty=known,
        )
        return home_at(found)
    return home_of(
        buyer.email,
        id=_own(buyer.id) if buyer.id else None,
        owner=settings.owner,
        fallback_company=settings.fallback_company,
        own=buyer.person if buys else None,
        # The company of one person is not that of all who write from their domain.
        by_domain=buyer.person is None,
        if_ours=known,
    )


def place_of(customer: str, *, needed: bool = False) -> tuple[Placed, ...]:
    """Where a customer belongs, for events that name the customer and nothing else."""
    firm, own = Key("account", _firm(customer)), Key("account", _own(customer))
    return (Placed(firm, Standing.TOLD), Placed(own, Standing.OWN, needed))


def numbered(customer: str, number: str) -> Plan:
    """The number of the customer's company: the one that they name, else their own."""
    firm, own = Key("account", _firm(customer)), Key("account", _own(customer))
    told: dict[str, Value] = {"orgNo": number}
    return (
        Upsert(key=firm, match=(Match("orgNo", number, shared=True),), if_empty=told, create=False),
        Upsert(key=own, if_empty=told, create=False, instead_of=firm),
    )


def contact(buyer: Buyer, place: Home, *, authoritative: bool) -> Upsert | None:
    """`authoritative`: the customer's own data; an invoice only fills gaps. None where nobody is known.

    A contact without a name can't be found: where only a company's name is told, it fills the gap, and never replaces a person's.
    """
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
    found = known_contact(buyer.key, known, place, authoritative=authoritative)
    return found if buyer.person else replace(found, if_empty={**found.if_empty, **_stand_in_name(buyer)})


def _stand_in_name(buyer: Buyer) -> dict[str, Value]:
    name = buyer.company or ""
    first, last = (name, "") if has_legal_form(name) else split_name(name)
    return filled({"firstName": clip(first, CONTACT_NAME), "lastName": clip(last, CONTACT_NAME)})


def _firm(customer: str) -> str:
    """The company that a customer names. It is another thing than the one that stood in before."""
    return f"firm:{customer}"


def _own(customer: str) -> str:
    return f"customer:{customer}"
