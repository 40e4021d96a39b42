"""Tells the other side of a document from colleagues of who sent it."""

from __future__ import annotations

from collections.abc import Sequence

from worker.plan import folded
from worker.sdk.mapping.contacts import org_number
from worker.sdk.mapping.domains import company_domain
from worker.sdk.mapping.people import Person
from worker.sdk.mapping.signed.document import Participant


def others(participants: Sequence[Participant], sender: Person) -> Sequence[Participant]:
    """Those who are of another company than the sender; all of them, where nobody is."""
    return [each for each in participants if not are_colleagues(each.person, sender)] or participants


def are_colleagues(one: Person, other: Person) -> bool:
    """By their company's number, its name, or the domain of their addresses: the surest that both tell."""
    numbers = org_number(one.org_number), org_number(other.org_number)
    names = folded(one.company or ""), folded(other.company or "")
    domains = company_domain(one.email), company_domain(other.email)
    return next((a == b for a, b in (numbers, names, domains) if a and b), False)
