"""Follows a person to the company where they are by now."""

from __future__ import annotations

from worker.sync.context import Access
from worker.sync.find import adopt
from worker.sync.fold import Change
from worker.sync.matching import CONTACT
from worker.sync.people import company_at, place_of
from worker.sync.wanted import wanted_by


def moved_home(access: Access, change: Change, record_id: int) -> int:
    """The company at which a person is by now; `record_id`, their company so far, unless their contact was moved.

    Only a company that is looked for by its contact follows one.
    """
    wanted = wanted_by(access, change)
    for match in wanted.matches:
        place = place_of(access, match.value) if match.field == CONTACT else None
        if place is None or place.company == record_id or not place.counts(named=True):
            continue
        company = company_at(access, place, named=True)
        if company is not None and not wanted.is_another(match, company.data):
            return adopt(access, change, company)
    return record_id
