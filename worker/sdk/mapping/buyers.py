"""Maps a buyer in a shop to a company and a contact in Upsales."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Protocol

from worker.plan import Ignored, Key, Placed, Plan, Standing, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import people
from worker.sdk.mapping.companies import Home, company, home_at, home_of
from worker.sdk.mapping.contacts import is_personal
from worker.sdk.mapping.told import Buyer
from worker.sdk.mapping.values import filled


class Selling(Protocol):
    """The settings of a shop that say whose company a buyer is."""

    @property
    def owner(self) -> str: ...
    @property
    def fallback_company(self) -> str: ...
    @property
    def consumers(self) -> Literal["own", "fallback"]: ...


class Leaving(Protocol):
    """The setting that says what becomes of the contact of a customer who is gone."""

    @property
    def gone_customers(self) -> Literal["keep", "deactivate"]: ...


def home(buyer: Buyer, settings: Selling, *, buys: bool) -> Home:
    """The company that is named; else the one where the buyer is known, their own or the fallback, as the shop has set.

    `buys`: there is something to hang on a company of their own. Without it none is made.
    """
    known: dict[str, Value] = {"addresses": buyer.addresses, "phone": buyer.company_phone}
    if buyer.company:
        found = company(
            buyer.company,
            id=buyer.company_key,
            owner=settings.owner,
            org_number=buyer.org_number,
            mail=buyer.email,
            if_empty=known,
        )
        return home_at(found)
    # Who buys for a company is no consumer, even if its name is not told.
    consumer = buys and settings.consumers == "own" and not buyer.company_key
    place = home_of(
        buyer.email,
        # Without an address, two people of one name are two customers.
        id=None if buyer.email else buyer.id,
        owner=settings.owner,
        fallback_company=settings.fallback_company,
        org_number=None if is_personal(buyer.org_number) else buyer.org_number,
        own=(buyer.name or buyer.email) if consumer else None,
        if_ours={"addresses": buyer.addresses, "phone": buyer.phone},
    )
    return _known_by_id(buyer.company_key, place, known) if buyer.company_key else place


def _known_by_id(key: str, other: Home, known: dict[str, Value]) -> Home:
    """The company of which the shop tells its id and no name, if it was named before; else the other place."""
    firm = Upsert(key=Key("account", key), if_empty=filled(known), create=False)
    first, *rest = other.upserts
    return Home((firm, replace(first, instead_of=firm.key), *rest), (Placed(firm.key, Standing.TOLD), *other.place))


def contact(buyer: Buyer, place: Home, *, authoritative: bool) -> Upsert | None:
    """`authoritative`: the customer's own data; an order only fills gaps. None for a buyer without name and address."""
    if buyer.id is None or not (buyer.name or buyer.email):
        return None
    known = filled({"firstName": buyer.first, "lastName": buyer.last, "email": buyer.email, "phone": buyer.phone})
    return people.contact(buyer.id, known, place, authoritative=authoritative)


def customer_gone(event: Event, settings: Leaving) -> Plan | Ignored:
    """A CRM keeps the history of a customer who left; only the contact's flag may change."""
    if settings.gone_customers == "keep":
        return Ignored("contacts of gone customers are kept")
    return (Upsert(key=Key("contact", event.subject), set={"active": 0}, create=False),)
