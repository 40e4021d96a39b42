"""Decides whether a company is needed that stands in for one that is not there."""

from __future__ import annotations

from collections.abc import Mapping

from worker.plan import Key, Standing
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.matching import CONTACT
from worker.sync.people import place_of
from worker.sync.wire import Ids


def not_needed(change: Change, ids: Ids) -> bool:
    """Whether a stand-in has its record already, or all that it stands in for is there."""
    others = change.stands_in_for
    return bool(others) and (change.key in ids or all(key in ids for key in others))


def replaced(change: Change, changes: Mapping[Key, Change]) -> Key | None:
    """The company that is made instead of one that is neither there nor made by its own change."""
    return _stand_in(change, changes) if change.maker is None else None


def shelter_of(access: Access, change: Change) -> int | None:
    """The company that takes who has none and where the person is already."""
    for match in change.all_matches:
        place = place_of(access, match.value) if match.field == CONTACT else None
        company = None if place is None or place.company is None else access.read("account", place.company)
        if place is None or company is None:
            continue
        if place.standing == Standing.FALLBACK or access.matching.is_fallback(company.data.get("name")):
            return company.id
    return None


def _stand_in(change: Change, changes: Mapping[Key, Change]) -> Key | None:
    """What stands in may not be made either, and have a stand-in of its own."""
    found = next((other for other in changes.values() if change.key in other.stands_in_for), None)
    if found is None:
        return None
    return found.key if found.maker is not None else _stand_in(found, changes)
