"""Finds the company of a person by their contact."""

from __future__ import annotations

from collections.abc import Mapping

from worker.plan import Key, Match, Standing
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.matching import CONTACT
from worker.sync.records import Found, Held, Json

CLIENT = "client"
CONTACTS = "contacts"


def company_of(access: Access, email: str, *, named: bool) -> Found | None:
    """The company of the only active contact with an e-mail address.

    Not one that takes who has none; nor, where another one is `named`, one that was only assumed and that no person confirmed.
    """
    contact = _contact(access, _by(email))
    number = None if contact is None else number_of(contact.data.get(CLIENT))
    if contact is None or number is None:
        return None
    held = access.ledger.record("contact", contact.id).fields.get(CLIENT)
    if (
        held is not None
        and number_of(held.value) == number
        and held.standing < (Standing.TOLD if named else Standing.OWN)
    ):
        return None
    company = access.read("account", number)
    return None if company is None or access.matching.is_fallback(company.data.get("name")) else company


def is_contact(access: Access, email: str) -> bool:
    """Whether anybody who is active has that e-mail address."""
    return (
        any(found.active for found in access.search("contact", _by(email))) or _contact(access, _by(email)) is not None
    )


def shelter_of(access: Access, change: Change) -> int | None:
    """The company that takes who has none and where the person is already."""
    for match in change.all_matches:
        contact = _contact(access, _by(match.value)) if match.field == CONTACT else None
        number = None if contact is None else number_of(contact.data.get(CLIENT))
        if number is not None and access.read("account", number) is not None:
            return number
    return None


def moved_home(access: Access, change: Change, record_id: int) -> int:
    """The company to which we moved the person since their company was found, else that one."""
    for match in change.all_matches:
        known = access.ledger.identity("contact", _by(match.value)) if match.field == CONTACT else None
        if known is not None and known.record_id is not None:
            place = access.ledger.record("contact", known.record_id).fields.get(CLIENT)
            number = None if place is None else number_of(place.value)
            if number is not None and number != record_id and _surely(place):
                access.ledger.adopt(change.key, number, (), {})
                return number
    return record_id


def note_contacts(access: Access, key: Key, body: Mapping[str, Json], answered: Mapping[str, Json]) -> None:
    """Upsales drops contacts of another company from an activity, and answers 200."""
    sent, kept = (
        {number_of(each) for each in part.get(CONTACTS) or () if isinstance(each, Mapping)} for part in (body, answered)
    )
    if CONTACTS in answered and sent - kept:
        access.without_contacts.add(key)


def _by(email: str) -> Match:
    return Match("email", email, shared=True)


def _surely(place: Held | None) -> bool:
    return place is not None and place.event is not None and place.standing >= Standing.TOLD


def _contact(access: Access, match: Match) -> Found | None:
    """One that we made a moment ago does not show in search yet."""
    active = [found for found in access.search("contact", match) if found.active]
    if len(active) == 1:
        return active[0]
    known = access.ledger.identity("contact", match) if not active else None
    if known is None or known.record_id is None:
        return None
    found = access.read("contact", known.record_id)
    return found if found is not None and found.active and _has(found.data, match.value) else None


def _has(contact: Mapping[str, Json], email: str) -> bool:
    return str(contact.get("email") or "").strip().lower() == email.strip().lower()


def number_of(reference: Json) -> int | None:
    """The id of a reference, which Upsales writes as a bare number in places."""
    found = reference.get("id") if isinstance(reference, Mapping) else reference
    return found if isinstance(found, int) else None
