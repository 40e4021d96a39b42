"""Finds where a person is: the company of the contact who has their e-mail address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.plan import Match, Standing
from worker.sync.context import Access
from worker.sync.matching import PHONE, agrees, fields_of
from worker.sync.records import Found, Held, Json, Record
from worker.sync.reserved import check_made

CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Place:
    """The company where a contact is. `standing`: how sure that is; what a person chose in Upsales counts as told."""

    company: int | None
    standing: int

    def counts(self, *, named: bool) -> bool:
        """Whether it tells where the person belongs. A fallback company never does, nor an assumed one where a company is `named`."""
        return self.standing >= (Standing.TOLD if named else Standing.OWN)


def place_of(access: Access, email: str) -> Place | None:
    """Where the only active contact is who has an e-mail address. None: nobody has it.

    Raises Busy while another worker makes such a contact: their company comes with them.
    """
    match = Match("email", email, shared=True)
    known = access.ledger.identity("contact", match)
    if known is not None and not (known.maker and access.runs(known.maker)):
        check_made(known, "contact", match.field)
    if known is not None and known.record_id is not None:
        place = _known_place(access, match, known.record_id, young=known.age <= access.timing.search_lag)
        if place is not None:
            return place
    active = [found for found in access.search("contact", match) if found.active]
    return _place(access, active[0]) if len(active) == 1 else None


def contacts_with_number(access: Access, number: str) -> Sequence[Found]:
    """Everybody who has a phone number, also one whom search does not show yet. Raises Busy while one is being made."""
    match = Match(PHONE, number, shared=True)
    shown = {found.id: found for found in access.search("contact", match)}
    known = access.ledger.identity("contact", match)
    if known is not None and not (known.maker and access.runs(known.maker)):
        check_made(known, "contact", match.field)
    if known is None or known.record_id is None or known.record_id in shown or known.age > access.timing.search_lag:
        return list(shown.values())
    found = access.read("contact", known.record_id)
    carried = found is not None and any(agrees(match, found.data.get(name)) for name in fields_of("contact", match))
    return [*shown.values(), *([found] if found is not None and carried else [])]


def companies_of_number(access: Access, number: str) -> Sequence[Found]:
    """The companies of everybody who has a phone number, without those that take who has none."""
    found = contacts_with_number(access, number)
    places = [_place(access, each) for each in [each for each in found if each.active] or found]
    by_id = {place.company: place for place in places}
    companies = (company_at(access, place, named=False) for place in by_id.values())
    return [company for company in companies if company is not None]


def company_at(access: Access, place: Place, *, named: bool) -> Found | None:
    """The company of a place, unless it says nothing of where the person belongs."""
    if place.company is None or not place.counts(named=named):
        return None
    company = access.read("account", place.company)
    return None if company is None or access.matching.is_fallback(company.data.get("name")) else company


def referred_id(reference: Json) -> int | None:
    """The id of the record that a field refers to, which Upsales writes as a bare number in places."""
    found = reference.get("id") if isinstance(reference, Mapping) else reference
    return found if isinstance(found, int) else None


def _known_place(access: Access, match: Match, contact: int, *, young: bool) -> Place | None:
    """By what we wrote a moment ago, else by what the contact shows."""
    before = access.ledger.record("contact", contact)
    held = before.fields.get(CLIENT)
    if young and held is not None:
        return Place(referred_id(held.value), held.standing)
    found = access.read("contact", contact)
    if found is None or not found.active or not agrees(match, found.data.get("email")):
        return None
    return _shown(access, before, found)


def _place(access: Access, found: Found) -> Place:
    """Search shows an old company for a while after we have written another one."""
    before = access.ledger.record("contact", found.id)
    held = before.fields.get(CLIENT)
    if held is not None and referred_id(held.value) != referred_id(found.data.get(CLIENT)):
        found = access.read("contact", found.id) or found
    return _shown(access, before, found)


def _shown(access: Access, before: Record, found: Found) -> Place:
    """`before`: what was known of the contact before it was read. Another worker may have placed them meanwhile: no person did that."""
    company = referred_id(found.data.get(CLIENT))
    ours = _sent(before, company)
    if ours is None:
        ours = _sent(access.ledger.record("contact", found.id), company)
    return Place(company, Standing.TOLD if ours is None else ours.standing)


def _sent(contact: Record, company: int | None) -> Held | None:
    """By what we placed the contact there, be it by a write whose answer is not known yet."""
    open_writes = (Held.unpacked(write.sent[CLIENT]) for write in contact.open_writes if CLIENT in write.sent)
    known = [contact.fields[CLIENT]] if CLIENT in contact.fields else []
    return next((held for held in (*known, *open_writes) if referred_id(held.value) == company), None)
