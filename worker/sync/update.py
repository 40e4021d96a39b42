"""Bring a record that exists up to date: nothing older over something newer, nothing that changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from worker.errors import Busy, Failure, OutcomeUnknown
from worker.plan import Match
from worker.sync.context import Access
from worker.sync.find import names
from worker.sync.fold import Change, Decision, decide
from worker.sync.records import CallState, Held, Json, Permit, Record
from worker.sync.rows import ROWS, with_row_ids
from worker.sync.view import RecordView, same
from worker.sync.waits import next_try
from worker.sync.wire import Ids, along, assemble, hold_fields, needs_present


@dataclass(frozen=True, slots=True)
class Put:
    """A PUT that is journalled and admitted. `fields`: what it tells Upsales. `present`: the record, if it was read."""

    record: Record
    call: str
    permit: Permit
    body: Mapping[str, Json]
    fields: Mapping[str, Held]
    present: RecordView | None


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
    packed = {name: held.packed() for name, held in sent.items()}
    call = access.ledger.intend_update(resource, record.id, packed, access.timing.call_timeout)
    return Put(record, call, permit, body, fields, present)


def send(access: Access, put: Put, held: Mapping[str, Held], matches: Sequence[Match]) -> Mapping[str, Held]:
    """Answers what the record then holds: `held`, with the ids of new order rows. `matches`: natural keys that may have changed."""
    ledger, record = access.ledger, put.record
    try:
        present = None if put.present is None else put.present.data
        answer = access.crm.update(put.permit, record.resource, record.id, put.body, present)
    except OutcomeUnknown as error:
        ledger.unknown(put.call, error)
        raise
    except Failure as error:
        ledger.failed(put.call, error)
        raise
    fields = with_row_ids(held, answer.data)
    written = [m for m in matches if m.field in put.fields and names(m, put.fields[m.field].value)]
    ledger.updated(put.call, record.resource, record.id, answer, written, fields)
    return fields


def effect(record: Record, sent: Mapping[str, Json], view: RecordView) -> Mapping[str, Held]:
    """What a call without an answer brought about, none of it over anything newer; empty if the record doesn't show it.

    What was held already tells nothing: another call may have written it. Order rows are told by themselves,
    whatever was since made of the rest: rows of ours that we don't know would be sent once more.
    """
    unpacked = {name: Held.unpacked(sent[name]) for name in view.existing(sent)}
    told = {name: held for name, held in unpacked.items() if held.event is not None}
    fresh = {n for n, held in told.items() if n not in record.fields or not same(record.fields[n].value, held.value)}
    if not fresh:
        return {}
    rows = {name: unpacked[name] for name in fresh & {ROWS}}
    shown = next((part for part in (unpacked, rows) if view.shows_all(part, rows_before=rows_held(record))), {})
    newer = {n: told[n] for n in shown if n in told and _not_older(told[n], record.fields.get(n))}
    return with_row_ids(newer, view.data)


def rows_held(record: Record) -> Json:
    """Our order rows, None if it has none yet."""
    return record.fields[ROWS].value if ROWS in record.fields else None


def _not_older(held: Held, than: Held | None) -> bool:
    return than is None or held.version >= than.version


def update(access: Access, change: Change, record_id: int, ids: Ids) -> Mapping[str, Held]:
    """Write what differs from what the record holds. Answers the record's fields as they then stand.

    What is newer and the same is held under the lease as well: another lane may write something older meanwhile.

    Raises Gone when the record no longer exists, Busy while another lane writes it.
    """
    record = access.ledger.record(change.key.resource, record_id)
    draft = _draft(access, change, record, ids)
    if draft.decision.unread or draft.differing or draft.newer(record) or record.open_writes:
        return _write(access, change, record_id, ids)
    return record.fields


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is to be held, and which of it Upsales has to be told."""

    decision: Decision
    fields: Mapping[str, Held]
    differing: Mapping[str, Held]

    def newer(self, record: Record) -> bool:
        return any(held.version > record.fields[n].version for n, held in self.fields.items() if n in record.fields)


def _draft(access: Access, change: Change, record: Record, ids: Ids, present: RecordView | None = None) -> _Draft:
    """`present`: the record as Upsales shows it, if it was read."""
    decision = decide(change, record.fields, lambda name: present is not None and present.vacant(name))
    fields = hold_fields(decision.fields, ids, access.crm.resolve)
    differing = {
        name: held
        for name, held in fields.items()
        if name not in record.fields or not same(record.fields[name].value, held.value)
    }
    if ROWS in fields and ROWS not in differing:
        # Rows that stay as they are keep their ids.
        fields[ROWS] = replace(fields[ROWS], value=record.fields[ROWS].value)
    return _Draft(decision, fields, differing)


def _write(access: Access, change: Change, record_id: int, ids: Ids) -> Mapping[str, Held]:
    """The record's lease is held from reading what it holds until the answer is recorded."""
    ledger, resource = access.ledger, change.key.resource
    record = ledger.hold(resource, record_id, access.timing.hold)
    try:
        record, present = _look(access, change, record, ids)
        draft = _draft(access, change, record, ids, present)
        put = prepare(access, record, draft.differing, present) if draft.differing else None
    except Exception:
        ledger.release(resource, record_id, {})
        raise
    fields = {**record.fields, **draft.fields}
    if put is not None:
        return send(access, put, fields, change.all_matches)
    ledger.release(resource, record_id, fields)
    return fields


def _look(access: Access, change: Change, record: Record, ids: Ids) -> tuple[Record, RecordView | None]:
    """Read the record in Upsales where that is needed. Calls whose answer never came count if their effect shows."""
    _wait_for_calls(record)
    draft = _draft(access, change, record, ids)
    unread = draft.decision.unread
    merged = needs_present(draft.differing) or (draft.differing and access.crm.whole(record.resource))
    if not (unread or record.open_writes or merged):
        return record, None
    view = access.view(record.resource, access.crm.get(record.resource, record.id).data)
    fields = dict(record.fields)
    for write in record.open_writes:
        brought = effect(replace(record, fields=fields), write.sent, view)
        _rename(access, record, brought, change.all_matches)
        fields |= brought
    # What an event decided stays held, with its age, whatever people made of it.
    seen = view.seen(name for name in unread if name not in fields or fields[name].event is None)
    return replace(record, fields=fields | seen), view


def _rename(access: Access, record: Record, brought: Mapping[str, Held], matches: Sequence[Match]) -> None:
    """The record is known by the natural keys that a call without an answer gave it."""
    for match in matches:
        if match.field not in brought or not names(match, brought[match.field].value):
            continue
        old = record.fields.get(match.field)
        if old is not None and old.value is not None and not names(match, old.value):
            access.ledger.forget(record.resource, Match(match.field, str(old.value)), record.id)
        access.ledger.confirm(record.resource, match, record.id)


def _wait_for_calls(record: Record) -> None:
    ages = [p.age for p in record.open_writes if p.state is CallState.OPEN and p.remaining > 0]
    if ages:
        raise Busy(f"{record.resource} {record.id} is being written by another worker", seconds=next_try(max(ages)))
