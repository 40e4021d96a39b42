"""Updates a record that exists: writes what differs, and nothing older over anything newer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from worker.errors import Busy, Failure, OutcomeUnknown
from worker.plan import OPT_OUT, Key, Match
from worker.sync.context import Access
from worker.sync.dropped import note_dropped_contacts
from worker.sync.fold import Change, decide
from worker.sync.matching import agrees
from worker.sync.mend import mended
from worker.sync.records import CallState, Held, Json, Permit, Record, packed_fields
from worker.sync.references import resolve
from worker.sync.rows import ROWS, with_row_ids
from worker.sync.view import RecordView, same
from worker.sync.waits import next_try
from worker.sync.wire import Ids, along, assemble, hold_fields, needs_present


def update(
    access: Access, change: Change, record_id: int, ids: Ids, *, present: RecordView | None = None
) -> Mapping[str, Held]:
    """Write what differs from what the record holds. Answers the record's fields as they then stand.

    `present`: what it shows, where that is known. Raises Gone when the record no longer exists, Busy while another lane writes it.
    """
    record = access.ledger.record(change.key.resource, record_id)
    draft = _draft(access, change, ids, record, present)
    return _write(access, change, ids, draft) if draft.to_do or change.mends else record.fields


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a change makes of a record, computed once for each state of it.

    `fields`: what is to be held. `differing`: those of the fields that Upsales has to be told.
    `unread`: fields that can't be decided before Upsales's value is read.
    """

    record: Record
    fields: Mapping[str, Held]
    differing: Mapping[str, Held]
    unread: Collection[str]

    @property
    def to_do(self) -> bool:
        """Whether the record's lease is needed.

        A newer event with an equal value needs it, too: another lane may be writing something older meanwhile.
        """
        return bool(self.unread or self.differing or self.record.open_writes or self._newer)

    @property
    def _newer(self) -> bool:
        held = self.record.fields
        return any(value.version > held[name].version for name, value in self.fields.items() if name in held)


def _draft(access: Access, change: Change, ids: Ids, record: Record, present: RecordView | None = None) -> _Draft:
    """`present`: the record as Upsales shows it, if it was read."""
    decision = decide(
        change,
        record.fields,
        lambda name: present is not None and present.vacant(name),
        lambda name: present is not None and _untouched(record, present, name),
    )
    fields = hold_fields(decision.fields, ids, partial(resolve, access))
    moves = hold_fields(decision.moves, ids, partial(resolve, access))
    moved = {name: _moved(name, held, record.fields[name], present) for name, held in moves.items()}
    unread = {*decision.unread, *(name for name, held in moved.items() if held is None)}
    fields |= {name: held for name, held in moved.items() if held is not None}
    differing = {
        name: held
        for name, held in fields.items()
        if held.event is not None and (name not in record.fields or not same(record.fields[name].value, held.value))
    }
    again = _again(change, record, fields)
    if present is None:
        unread |= again
    else:
        differing |= {name: fields[name] for name in again if not present.shows(name, fields[name].value)}
    if ROWS in fields and ROWS not in differing:
        # Rows that stay as they are keep their ids.
        fields[ROWS] = replace(fields[ROWS], value=record.fields[ROWS].value)
    return _Draft(record, fields, differing, unread)


def _again(change: Change, record: Record, fields: Mapping[str, Held]) -> set[str]:
    """What happened anew, and equals what is held: a person may have taken it back."""
    held = record.fields
    return {name for name in change.again & fields.keys() & held.keys() if fields[name].version > held[name].version}


def _moved(name: str, surer: Held, assumed: Held, present: RecordView | None) -> Held | None:
    """The surer value, or the one that a person gave the field meanwhile; None if that has to be read first."""
    if same(assumed.value, surer.value):
        return surer
    if present is None:
        return None
    return surer if present.vacant(name) or present.shows(name, assumed.value) else Held.seen(present.value(name))


def _untouched(record: Record, present: RecordView, name: str) -> bool:
    """Whether the field shows nothing, or what an event of ours wrote."""
    held = record.fields.get(name)
    return present.vacant(name) or (held is not None and held.event is not None and present.shows(name, held.value))


def _write(access: Access, change: Change, ids: Ids, draft: _Draft) -> Mapping[str, Held]:
    """The record's lease is held from reading what it holds until the answer is recorded."""
    ledger, resource, record_id = access.ledger, change.key.resource, draft.record.id
    record = ledger.hold(resource, record_id, access.timing.hold)
    try:
        _wait_for_calls(record)
        if record != draft.record:
            draft = _draft(access, change, ids, record)
        present = _read(access, draft, always=change.mends)
        if present is not None and (draft.unread or record.open_writes):
            seen = _seen(access, change, draft, present)
            draft = _draft(access, change, ids, seen, present)
        if present is not None and change.mends:
            fields, differing = mended(access, change, draft.record, present, draft.fields, draft.differing)
            draft = replace(draft, fields=fields, differing=differing)
        if present is not None and OPT_OUT in draft.differing and not present.vacant(OPT_OUT):
            # Whoever opted them out: there is nothing to do.
            draft = replace(draft, differing={n: held for n, held in draft.differing.items() if n != OPT_OUT})
        put = prepare(access, draft.record, draft.differing, present) if draft.differing else None
    except Exception:
        ledger.release(resource, record_id, {})
        raise
    fields = {**draft.record.fields, **draft.fields}
    if put is not None:
        return send(access, put, fields, change.all_matches, change.key)
    ledger.release(resource, record_id, fields)
    return fields


def _wait_for_calls(record: Record) -> None:
    ages = [write.age for write in record.open_writes if write.state is CallState.OPEN and write.remaining > 0]
    if ages:
        raise Busy(f"{record.resource} {record.id} is being written by another worker", seconds=next_try(max(ages)))


def _read(access: Access, draft: _Draft, *, always: bool = False) -> RecordView | None:
    """Read the record in Upsales, if something can't be decided or written without that."""
    record = draft.record
    merged = needs_present(draft.differing) or (draft.differing and access.crm.whole(record.resource))
    if not (always or draft.unread or record.open_writes or merged or OPT_OUT in draft.differing):
        return None
    return access.view(record.resource, access.crm.get(record.resource, record.id).data)


def _seen(access: Access, change: Change, draft: _Draft, present: RecordView) -> Record:
    """The record with what was read of it: the effects of calls without an answer, and the unread fields."""
    fields = dict(draft.record.fields)
    for write in draft.record.open_writes:
        brought = effect(replace(draft.record, fields=fields), write.sent, present)
        _rename(access, draft.record, brought, change.all_matches)
        fields |= brought
    # A value that an event decided stays held, with its age, whatever people made of it.
    seen = present.seen(name for name in draft.unread if name not in fields or fields[name].event is None)
    return replace(draft.record, fields=fields | seen)


def _rename(access: Access, record: Record, brought: Mapping[str, Held], matches: Sequence[Match]) -> None:
    """The record is known by the natural keys that a call without an answer gave it."""
    for match in matches:
        if match.field not in brought or not agrees(match, brought[match.field].value):
            continue
        old = record.fields.get(match.field)
        if old is not None and old.value is not None and not agrees(match, old.value):
            access.ledger.forget(record.resource, Match(match.field, str(old.value)), record.id)
        access.ledger.confirm(record.resource, match, record.id)


def effect(record: Record, sent: Mapping[str, Json], present: RecordView) -> Mapping[str, Held]:
    """The fields that a call without an answer changed, without those that are newer by now. Empty if the record doesn't show them.

    A value that was held already proves nothing: another call may have written it. Order rows count on their own,
    whatever became of the other fields: rows of ours that we don't know would be sent a second time.
    """
    unpacked = {name: Held.unpacked(sent[name]) for name in present.existing(sent)}
    told = {name: held for name, held in unpacked.items() if held.event is not None}
    fresh = {n for n, held in told.items() if n not in record.fields or not same(record.fields[n].value, held.value)}
    if not fresh:
        return {}
    rows = {name: unpacked[name] for name in fresh & {ROWS}}
    shown = next((part for part in (unpacked, rows) if present.shows_all(part, rows_before=rows_held(record))), {})
    newer = {n: told[n] for n in shown if n in told and _not_older(told[n], record.fields.get(n))}
    return with_row_ids(newer, present.data)


def rows_held(record: Record) -> Json:
    """Our order rows, None if the record holds none yet."""
    return record.fields[ROWS].value if ROWS in record.fields else None


def _not_older(held: Held, than: Held | None) -> bool:
    return than is None or held.version >= than.version


@dataclass(frozen=True, slots=True)
class Put:
    """A PUT that is journalled and admitted. `fields`: what it tells Upsales. `present`: the record, if it was read."""

    record: Record
    call: str
    permit: Permit
    body: Mapping[str, Json]
    fields: Mapping[str, Held]
    present: Mapping[str, Json] | None


def prepare(access: Access, record: Record, fields: Mapping[str, Held], present: RecordView | None) -> Put:
    """Journal the PUT of these fields. The record's lease is ours; `present` is the record as Upsales shows it, if it was read."""
    crm, resource = access.crm, record.resource
    view = present or access.view(resource, {})
    body = assemble(
        {name: held.value for name, held in fields.items()},
        view,
        held_rows=rows_held(record),
        unanswered_rows=[Held.unpacked(call.sent[ROWS]).value for call in record.open_writes if ROWS in call.sent],
    )
    crm.check(resource, body, creating=False)
    permit = crm.admit()
    others = along(record.fields, fields, whole=crm.whole(resource))
    sent = {**view.carried(record.fields, others), **fields}
    packed = packed_fields(sent)
    call = access.ledger.intend_update(resource, record.id, packed, access.timing.call_timeout)
    return Put(record, call, permit, body, fields, None if present is None else present.data)


def _foreign(put: Put) -> Collection[int]:
    """The ids of the rows that the PUT sent back for others. They come after ours."""
    ours = put.fields[ROWS].value if ROWS in put.fields else ()
    return [row["id"] for row in put.body.get(ROWS, ())[len(ours) :] if row.get("id") is not None]


def send(
    access: Access, put: Put, held: Mapping[str, Held], matches: Sequence[Match], key: Key | None = None
) -> Mapping[str, Held]:
    """Send the PUT. Answers what the record then holds: `held`, with the ids of new order rows.

    `matches`: natural keys that may have changed. `key`: for which key it is sent, if it is for one.
    """
    ledger, record = access.ledger, put.record
    try:
        answer = access.crm.update(put.permit, record.resource, record.id, put.body, put.present)
    except OutcomeUnknown as error:
        ledger.unknown(put.call, error)
        raise
    except Failure as error:
        ledger.failed(put.call, error)
        raise
    if key is not None:
        note_dropped_contacts(access, key, put.body, answer.data)
    fields = (
        with_row_ids(held, answer.data, answered=ROWS in put.fields, foreign=_foreign(put)) if ROWS in held else held
    )
    written = [m for m in matches if m.field in put.fields and agrees(m, put.fields[m.field].value)]
    ledger.updated(put.call, record.resource, record.id, answer, written, fields)
    return fields
