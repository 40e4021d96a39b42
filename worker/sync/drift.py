"""Compares what a plan wants of a record with what Upsales shows; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from worker.sync.fold import Change, Mend
from worker.sync.records import Held, Json, Record
from worker.sync.rows import ROWS
from worker.sync.view import RecordView, same

Why: TypeAlias = Literal["behind", "never_sent", "person", "unsure"]
"""behind: Upsales shows what we last sent, and the sender has something newer. never_sent: we never wrote the field.

person: Upsales shows something else than what we last sent. unsure: we made the record, and no longer know what we sent: our
database was restored from a backup.
"""

PEOPLES: Final[Collection[Why]] = ("person", "unsure")
"""What may be a person's work, which is written over only by word of command."""

Newer: TypeAlias = Literal["sender", "upsales"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that doesn't show what is wanted. It holds no values: they may be personal data."""

    name: str
    why: Why


def repairs(change: Change) -> Mapping[str, Mend]:
    """How each field is to be treated that only events that repair set. What others set, too, is theirs."""
    mends: dict[str, Mend] = {}
    others: set[str] = set()
    for step in change.steps:
        if step.event.mend is None:
            others |= step.upsert.set.keys()
        else:
            mends |= dict.fromkeys(step.upsert.set, step.event.mend)
    return {name: mend for name, mend in mends.items() if name not in others}


def wanted_fields(change: Change, record: Record, decided: Mapping[str, Held]) -> Mapping[str, Held]:
    """What the fields that the plan always sets are to hold: as decided, or as something newer has it.

    What is written only once, or only into an empty field, is nobody's drift: people may do with it what they like.
    """
    names = dict.fromkeys(name for step in change.going_on().steps for name in step.upsert.set)
    known = {**record.fields, **decided}
    return {name: known[name] for name in names if name in known and known[name].event is not None}


def differences(
    wanted: Mapping[str, Held],
    record: Record,
    present: RecordView,
    *,
    ours: bool,
    stored: Mapping[str, Json] | None = None,
) -> Sequence[Difference]:
    """The wanted fields that Upsales shows otherwise. A custom field that was deleted there is left out.

    `ours`: the record carries the key's marker, so we made it. `stored`: what Upsales made of what it was last sent, where that is
    something else: a text that was cut is no person's work.
    """
    found = []
    for name in present.existing(wanted):
        held = record.fields.get(name)
        if present.shows(name, wanted[name].value, rows_before=_rows(held) if name == ROWS else None):
            continue
        left = held is not None and held.event is not None and _as_left(name, held, present, stored or {})
        if left and held is not None and same(held.value, wanted[name].value):
            continue
        found.append(Difference(name, _why(name, held, present, left=left, ours=ours)))
    return found


def newer_side(changed: datetime | None, data: Mapping[str, Json]) -> Newer | None:
    """Whose change is the later one, as both tell it; None where one doesn't. Writing to it changes a record, too."""
    try:
        modified = datetime.fromisoformat(str(data.get("modDate")))
    except ValueError:
        return None
    if changed is None:
        return None
    at = modified if modified.tzinfo else modified.replace(tzinfo=UTC)
    return "sender" if changed > at else "upsales"


def _why(name: str, held: Held | None, present: RecordView, *, left: bool, ours: bool) -> Why:
    if held is None or held.event is None:
        return "unsure" if ours and not present.vacant(name) else "never_sent"
    return "behind" if left else "person"


def _as_left(name: str, held: Held, present: RecordView, stored: Mapping[str, Json]) -> bool:
    """Whether the field shows what we last sent, or what Upsales made of it then."""
    return present.shows(name, held.value) or (name in stored and present.shows(name, stored[name]))


def _rows(held: Held | None) -> Json:
    return None if held is None else held.value
