"""Finds the order that another integration made, by the number that it wrote into it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from worker.plan import Key
from worker.sync.context import Access
from worker.sync.find import adopt, one_of
from worker.sync.fold import Change, decide_new
from worker.sync.people import CLIENT, referred_id
from worker.sync.records import Found, Held
from worker.sync.references import resolve
from worker.sync.rows import ROWS, taken_over
from worker.sync.wire import Ids, hold_fields

NUMBERED = "order number"
"""The rule by which such an order is found."""


def find_numbered(access: Access, change: Change, ids: Ids, without: int | None = None) -> int | None:
    """Adopt the only order that shows the number, is of the same company, and that nobody is linked to. Raises NeedsReview for several.

    What it holds counts as seen, its rows too: only what differs is written.
    """
    number, company = change.number, _company(change, ids)
    if access.adoption is None or number is None or company is None or change.maker is None:
        return None
    found = one_of(
        access,
        change.key,
        [
            each
            for each in access.search(change.key.resource, access.adoption.match(number))
            if each.id != without
            and referred_id(each.data.get(CLIENT)) == company
            and access.ledger.owner(change.key.resource, each.id) is None
            and not access.ledger.taken(change.key.resource, each.id)
        ],
    )
    if found is None:
        return None
    access.found_by[change.key] = NUMBERED
    return adopt(access, change, found, _rows(access, change, ids, found))


def _company(change: Change, ids: Ids) -> int | None:
    """Where the order belongs, as far as that is settled."""
    upserts = [step.upsert for step in reversed(change.steps)]
    placed = [choice.key for upsert in upserts for choice in upsert.placed.get(CLIENT, ())]
    told = [value for upsert in upserts for name, value in upsert.fields if name == CLIENT and isinstance(value, Key)]
    return next((ids[key] for key in (*placed, *told) if key in ids), None)


def _rows(access: Access, change: Change, ids: Ids, found: Found) -> Mapping[str, Held]:
    decided = decide_new(change).fields.get(ROWS)
    if decided is None:
        return {}
    ours = hold_fields({ROWS: decided}, ids, partial(resolve, access))[ROWS].value
    return {ROWS: Held.seen(taken_over(ours, found.data.get(ROWS) or ()))}
