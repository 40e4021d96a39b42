"""Finds the records that a change links to and that no change of its run is about."""

from __future__ import annotations

from worker.errors import Busy, DecisionFirst, Gone, OnItsWay
from worker.plan import Key
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.gone import bury_linked, check_missing, linked_again, linked_before
from worker.sync.records import Link, LinkState
from worker.sync.reserved import UNDECIDED
from worker.sync.waits import next_try


def record_outside(access: Access, change: Change, key: Key, *, recreate: bool) -> int | None:
    """The record of a link, None where nobody has made it.

    Raises Busy or OnItsWay while it is being made or may be, NeedsReview where nobody knows whether it was.
    """
    link = access.ledger.link(key)
    needed = key in change.needs
    if link is not None and link.undecided:
        if needed:
            awaited = access.qualified(key)
            raise DecisionFirst(f"it links to {awaited}, and {UNDECIDED}", key=awaited)
        return None
    if link is not None and link.state is LinkState.CREATING:
        age = link.open_write.age if link.open_write else 0.0
        raise Busy(f"it links to {access.qualified(key)}, which is being made", seconds=next_try(age))
    found = _settled(access, change, key, link, recreate=recreate)
    if found is None and not needed:
        expect(access, key)
    return found


def expect(access: Access, key: Key) -> None:
    """Raise OnItsWay while an event that waits would make the key's record."""
    seconds = access.outlook.makes(key)
    if seconds is not None:
        raise OnItsWay(f"the {key.resource} {key.id!r} is made by an event that waits", seconds=seconds)


def bury_outside(access: Access, change: Change, key: Key, lost: int, *, recreate: bool) -> int | None:
    """The record that took the place of one that is gone."""
    bury_linked(access, change, key, lost, recreate=recreate)
    link = access.ledger.link(key)
    return link.record_id if link is not None and link.state is not LinkState.GONE else None


def _settled(access: Access, change: Change, key: Key, link: Link | None, *, recreate: bool) -> int | None:
    if link is None or link.record_id is None:
        return linked_before(access, key)
    if link.state is LinkState.GONE:
        return linked_again(access, key, link.record_id)
    if not link.missing:
        return link.record_id
    try:
        check_missing(access, key, link.record_id)
    except Gone:
        return bury_outside(access, change, key, link.record_id, recreate=recreate)
    return link.record_id
