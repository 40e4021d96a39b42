"""Decides what an event that repairs writes into a record that exists."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from worker.plan import Key
from worker.sync.context import Access
from worker.sync.drift import PEOPLES, differences, repairs, wanted_fields
from worker.sync.fold import Change, decide
from worker.sync.marker import marker_fields
from worker.sync.records import Held, Record
from worker.sync.references import resolve
from worker.sync.view import RecordView
from worker.sync.wire import Ids, hold_fields


def wanted_of(access: Access, change: Change, record: Record, ids: Ids) -> Mapping[str, Held]:
    """What the plan wants of the record, folded over what it holds. Raises Rejected, Unlinked."""
    decision = decide(change, record.fields)
    return wanted_fields(change, record, hold_fields(decision.fields, ids, partial(resolve, access)))


def carries_marker(access: Access, key: Key, present: RecordView) -> bool:
    """Whether we made the record for the key, as its marker tells."""
    fields = marker_fields(access, key)
    return bool(fields) and all(present.shows(name, held.value) for name, held in fields.items())


def mended(
    access: Access,
    change: Change,
    record: Record,
    present: RecordView,
    fields: Mapping[str, Held],
    differing: Mapping[str, Held],
) -> tuple[Mapping[str, Held], Mapping[str, Held]]:
    """`fields` and `differing` of a draft, as what Upsales shows makes them: what people changed stands unless it is to be written over.

    What Upsales shows otherwise is told, though the record holds it already.
    """
    mends = repairs(change)
    wanted = {name: held for name, held in wanted_fields(change, record, fields).items() if name in mends}
    found = differences(wanted, record, present, ours=carries_marker(access, change.key, present))
    stand = {each.name for each in found if each.why in PEOPLES and mends[each.name] == "careful"}
    told = {each.name: wanted[each.name] for each in found if each.name not in stand}
    return (
        {name: held for name, held in fields.items() if name not in stand} | told,
        {name: held for name, held in differing.items() if name not in stand} | told,
    )
