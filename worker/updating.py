"""Bring a record that exists up to date: nothing older over something newer, nothing that changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.coalesce import Change, Decision, decide
from worker.errors import Busy, Failure, OutcomeUnknown
from worker.finding import Access
from worker.ports import CallState, Held, Json, Pending, Permit, Record
from worker.wire import ROWS, Ids, assemble, hold_fields, needs_present, same, seen_fields, took_effect, with_row_ids


def update(access: Access, change: Change, record_id: int, ids: Ids) -> Mapping[str, Held]:
    """Write what differs from what the record holds. Answers the record's fields as they then stand.

    Raises Gone when the record no longer exists, Busy while another lane writes it.
    """
    record = access.ledger.record(change.key.resource, record_id)
    draft = _draft(access, change, record, ids)
    if draft.decision.unread or draft.differing or record.pending:
        return _write(access, change, record_id, ids)
    newer = {name: held for name, held in draft.fields.items() if held.stamp > record.fields[name].stamp}
    if newer:
        access.ledger.hold(record.resource, record_id, access.timing.hold)
        access.ledger.release(record.resource, record_id, newer)
    return {**record.fields, **newer}


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is to be held, and which of it Upsales has to be told."""

    decision: Decision
    fields: Mapping[str, Held]
    differing: Mapping[str, Held]


@dataclass(frozen=True, slots=True)
class _Put:
    call: str
    permit: Permit
    body: Mapping[str, Json]


def _draft(access: Access, change: Change, record: Record, ids: Ids) -> _Draft:
    decision = decide(change, record.fields)
    fields = hold_fields(decision.fields, ids, access.crm.resolve)
    differing = {
        name: held
        for name, held in fields.items()
        if name not in record.fields or not same(record.fields[name].value, held.value)
    }
    return _Draft(decision, fields, differing)


def _write(access: Access, change: Change, record_id: int, ids: Ids) -> Mapping[str, Held]:
    """The record's lease is held from reading what it holds until the answer is recorded."""
    crm, ledger, resource = access.crm, access.ledger, change.key.resource
    record = ledger.hold(resource, record_id, access.timing.hold)
    try:
        record, present, effective = _look(access, change, record, ids)
        draft = _draft(access, change, record, ids)
        put = _intend(access, record, draft, present) if draft.differing else None
    except Failure:
        ledger.release(resource, record_id, {})
        raise
    fields = {**record.fields, **draft.fields}
    if put is None:
        ledger.release(resource, record_id, fields)
    else:
        try:
            answer = crm.update(put.permit, resource, record_id, put.body)
        except OutcomeUnknown as error:
            ledger.unknown(put.call, error)
            raise
        except Failure as error:
            ledger.failed(put.call, error)
            raise
        fields = with_row_ids(fields, answer.data)
        written = [match for match in change.all_matches if match.field in draft.differing]
        ledger.updated(put.call, resource, record_id, answer, written, fields)
    for pending in effective:
        ledger.settled(pending.id, effective=True)
    return fields


def _intend(access: Access, record: Record, draft: _Draft, present: Mapping[str, Json] | None) -> _Put:
    crm, resource = access.crm, record.resource
    held_rows = record.fields[ROWS].value if ROWS in record.fields else None
    body = assemble(
        {name: held.value for name, held in draft.differing.items()},
        custom_id=lambda alias: crm.custom_field(resource, alias),
        present=present,
        held_rows=held_rows,
    )
    crm.check(resource, body, creating=False)
    permit = crm.admit()
    sent = {name: held.packed() for name, held in draft.differing.items()}
    return _Put(access.ledger.intend_update(resource, record.id, sent, access.timing.call_timeout), permit, body)


def _look(
    access: Access, change: Change, record: Record, ids: Ids
) -> tuple[Record, Mapping[str, Json] | None, Sequence[Pending]]:
    """Read the record in Upsales where that is needed. Calls whose answer never came count if their effect shows."""
    _wait_for_calls(record)
    draft = _draft(access, change, record, ids)
    if not (draft.decision.unread or record.pending or needs_present(draft.differing)):
        return record, None, ()
    resource = record.resource
    data = access.crm.get(resource, record.id).data

    def custom_id(alias: str) -> int:
        return access.crm.custom_field(resource, alias)

    fields = seen_fields(draft.decision.unread, data, custom_id) | dict(record.fields)
    effective = []
    for pending in record.pending:
        sent = {name: Held.unpacked(packed) for name, packed in pending.sent.items()}
        if took_effect(sent, data, custom_id):
            effective.append(pending)
            fields |= {
                name: held for name, held in sent.items() if name not in fields or held.stamp >= fields[name].stamp
            }
    return Record(resource, record.id, fields, record.pending), data, effective


def _wait_for_calls(record: Record) -> None:
    seconds = max((p.remaining for p in record.pending if p.state is CallState.OPEN), default=0.0)
    if seconds > 0:
        raise Busy(f"{record.resource} {record.id} is being written by another worker", seconds=seconds)
