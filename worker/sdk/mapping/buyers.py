"""Maps a buyer in a shop to a company and a contact in Upsales."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from worker.plan import Ignored, Key, Placed, Plan, Standing, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import people
from worker.sdk.mapping.companies import Home, company, home_of, named
from worker.sdk.mapping.contacts import is_personal, phone, region
from worker.sdk.mapping.names import company_name
from worker.sdk.mapping.text import CONTACT_NAME, clip
from worker.sdk.mapping.values import filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told in one place: of the customer, at the billing address, at the shipping address."""

    first: str | None = None
    last: str | None = None
    company: str | None = None
    phone: str | None = None
    country: str | None = None

    @property
    def words(self) -> frozenset[str]:
        """The words of the name, without regard to case and accents."""
        plain = unicodedata.normalize("NFKD", f"{self.first or ''} {self.last or ''}".casefold())
        bare = "".join(char for char in plain if not unicodedata.combining(char))
        return frozenset(word for word in bare.split() if any(map(str.isalpha, word)))

    def may_be(self, other: Told) -> bool:
        """Whether both names can be one person's: `Anna Ek` and `Anna Maria Ek`. Where no name is told, it is the same person."""
        return self.words <= other.words or other.words <= self.words


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
    company_phone: str | None = None
    org_number: str | None = None
    addresses: tuple[Value, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()


def buyer_of(
    id: str | None,  # noqa: A002 - what the shop calls it
    mail: str | None,
    *told: Told,
    phone_region: str,
    company_key: str | None = None,
    org_number: str | None = None,
    addresses: tuple[Value, ...] = (),
) -> Buyer:
    """The buyer, from the places that tell of them, the surest first. A place with another person's name tells nobody's phone but its company's.

    `company_key`: the shop's own id of the company. `phone_region`: the country of numbers where no place has one.
    """
    person = _person(told)
    firm = next((each for each in told if company_name(each.company)), Told())
    own_phone = next(_phones([each for each in told if each.may_be(person)], told, phone_region), None)
    return Buyer(
        id=id,
        first=clip(person.first or "", CONTACT_NAME),
        last=clip(person.last or "", CONTACT_NAME),
        email=mail,
        phone=own_phone,
        company=company_name(firm.company),
        company_key=company_key,
        company_phone=next(_phones([firm], told, phone_region), own_phone),
        org_number=org_number,
        addresses=addresses,
    )


def _person(told: Sequence[Told]) -> Told:
    """The first who is named; in full, where another place tells more of the same name."""
    people_told = [each for each in told if each.words]
    first = next(iter(people_told), Told())
    fuller = (each for each in people_told if first.words < each.words and not (first.first and first.last))
    return next(fuller, first)


def _phones(whose: Sequence[Told], told: Sequence[Told], phone_region: str) -> Iterator[str]:
    countries = [code for each in told if (code := region(each.country))]
    for each in whose:
        if found := phone(each.phone, region(each.country), *countries[:1], phone_region):
            yield found


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
    name = company_name(buyer.company)
    if name:
        found = company(
            name,
            id=buyer.company_key,
            owner=settings.owner,
            org_number=buyer.org_number,
            mail=buyer.email,
            if_empty=known,
        )
        return named(found)
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
