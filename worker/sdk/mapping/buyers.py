"""Maps a buyer in a shop to a company and a contact in Upsales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from worker.plan import Ignored, Key, Match, Plan, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping.companies import company
from worker.sdk.mapping.text import ACCOUNT_NAME, clip
from worker.sdk.mapping.values import filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """`id`: what the contact is known by; None for somebody who left nothing to be known by."""

    id: str | None
    first: str
    last: str
    email: str | None
    phone: str | None
    company: str | None
    company_key: str | None = None
    org_number: str | None = None
    addresses: tuple[Value, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()


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


def account(buyer: Buyer, settings: Selling) -> Upsert:
    """The company that is named, else the buyer's own or the fallback, as the shop has set."""
    known: dict[str, Value] = {"addresses": buyer.addresses, "phone": buyer.phone}
    if buyer.company:
        return company(
            buyer.company,
            owner=settings.owner,
            key=buyer.company_key,
            org_number=buyer.org_number,
            if_empty=known,
        )
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
        # An e-mail address has one account in a shop; a guest's order and a later account are one person.
        match=(Match("email", buyer.email, shared=True),) if buyer.email else (),
        set=known if authoritative else {},
        on_create={"client": home},
        if_empty={} if authoritative else known,
    )


def customer_gone(event: Event, settings: Leaving) -> Plan | Ignored:
    """A CRM keeps the history of a customer who left; only the contact's flag may change."""
    if settings.gone_customers == "keep":
        return Ignored("contacts of gone customers are kept")
    return (Upsert(key=Key("contact", event.subject), set={"active": 0}, create=False),)
