"""Reads who the buyer is from the places where a shop tells of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.plan import Value
from worker.sdk.mapping.company_names import company_name
from worker.sdk.mapping.contacts import phone, region
from worker.sdk.mapping.text import CONTACT_NAME, clip


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
        return _words(f"{self.first or ''} {self.last or ''}")

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
    """The buyer, from the places that tell of them, the surest first.

    The phone at a place that names another person, who pays, is its company's and not the buyer's.

    `company_key`: the shop's own id of the company. `phone_region`: the country of numbers where no place has one.
    """
    person = _person(told)
    # Many write their own name where a company is asked for. With a number, or an id of the shop, it is one all the same.
    own_name = frozenset() if org_number or company_key else person.words
    firm = next((each for each in told if company_name(each.company) and _words(each.company) != own_name), Told())
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


def _words(name: str | None) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", (name or "").casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return frozenset(word for word in bare.split() if any(map(str.isalpha, word)))


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
