"""Maps the person who booked, and their company."""

from __future__ import annotations

from collections.abc import Sequence

from worker.connectors.calendly.meetings import Guest
from worker.connectors.calendly.settings import Settings
from worker.plan import Key, Match, Upsert
from worker.sdk.mapping import (
    CONTACT_NAME,
    WEBPAGE,
    clip,
    company,
    company_domain,
    company_of_domain,
    email,
    filled,
    phone,
)


def account(guest: Guest, answers: Sequence[tuple[str, str]], settings: Settings) -> Upsert:
    """The company that was named, else the one whose mail domain it is, else the fallback."""
    wanted = (settings.company_question or "").casefold()
    named = next((answer for question, answer in answers if wanted and question.casefold() == wanted), None)
    if named:
        return company(named, owner=settings.owner)
    domain = company_domain(email(guest.email))
    if domain and len(domain) <= WEBPAGE:
        return company_of_domain(domain, settings.owner)
    return company(settings.fallback_company, owner=settings.owner)


def contact(guest: Guest, home: Key, subject: str, settings: Settings) -> Upsert | None:
    """What people say of themselves fills gaps, and never changes what a salesperson wrote."""
    address = email(guest.email)
    if not (address or guest.first or guest.last):
        return None
    return Upsert(
        key=Key("contact", f"email:{address}" if address else subject),
        match=(Match("email", address, shared=True),) if address else (),
        on_create={"client": home},
        if_empty=filled(
            {
                "firstName": clip(guest.first, CONTACT_NAME),
                "lastName": clip(guest.last, CONTACT_NAME),
                "email": address,
                "phone": phone(guest.phone, settings.phone_region),
            }
        ),
    )
