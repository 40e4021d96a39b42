"""One PUT: journalled before it is sent; and what one without an answer brought about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from worker.access import Access
from worker.errors import Failure, OutcomeUnknown
from worker.finding import names
from worker.plan import Match
from worker.ports import Held, Json, Permit, Record
from worker.showing import carried, known, same, took_effect, with_row_ids
from worker.wire import ROWS, along, assemble


@dataclass(frozen=True, slots=True)
class Put:
    """A PUT that is journalled and admitted. `fields`: what it tells Upsales. `present`: the record, if it was read."""

    record: Record
    call: str
    permit: Permit
    body: Mapping[str, Json]
    fields: Mapping[str, Held]
    present: Mapping[str, Json] | None


def prepare(
    access: Access,
    record: Record,
    fields: Mapping[str, Held],
    present: Mapping[str, Json] | None,
) -> Put:
    """Journal the PUT of these fields. The record's lease is ours; `present` is the record as Upsales shows it, if it was read."""
    crm, resource = access.crm, record.resource
    custom_id = partial(crm.custom_field, resource)
    body = assemble(
        {name: held.value for name, held in fields.items()},
        custom_id=custom_id,
        present=present,
        held_rows=rows_held(record),
        unanswered_rows=[Held.unpacked(call.sent[ROWS]).value for call in record.pending if ROWS in call.sent],
    )
    crm.check(resource, body, creating=False)
    permit = crm.admit()
    others = along(record.fields, fields, whole=crm.whole(resource))
    sent = {**carried(record.fields, others, present or {}, custom_id), **fields}
    packed = {name: held.packed() for name, held in sent.items()}
    call = access.ledger.intend_update(resource, record.id, packed, access.timing.call_timeout)
    return Put(record, call, permit, body, fields, present)


def send(access: Access, put: Put, held: Mapping[str, Held], matches: Sequence[Match]) -> Mapping[str, Held]:
    """Answers what the record then holds: `held`, with the ids of new order rows. `matches`: natural keys that may have changed."""
    ledger, record = access.ledger, put.record
    try:
        answer = access.crm.update(put.permit, record.resource, record.id, put.body, put.present)
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


def effect(access: Access, record: Record, sent: Mapping[str, Json], data: Mapping[str, Json]) -> Mapping[str, Held]:
    """What a call without an answer brought about, none of it over anything newer; empty if the record doesn't show it.

    What was held already tells nothing: another call may have written it. Order rows are told by themselves,
    whatever was since made of the rest: rows of ours that we don't know would be sent once more.
    """
    custom_id, before = partial(access.crm.custom_field, record.resource), rows_held(record)
    unpacked = {name: Held.unpacked(sent[name]) for name in known(sent, custom_id)}
    told = {name: held for name, held in unpacked.items() if held.event is not None}
    fresh = {n for n, held in told.items() if n not in record.fields or not same(record.fields[n].value, held.value)}
    if not fresh:
        return {}
    rows = {name: unpacked[name] for name in fresh & {ROWS}}
    shown = next((part for part in (unpacked, rows) if took_effect(part, data, custom_id, rows_before=before)), {})
    newer = {n: told[n] for n in shown if n in told and _not_older(told[n], record.fields.get(n))}
    return with_row_ids(newer, data)


def rows_held(record: Record) -> Json:
    """Our order rows, None if it has none yet."""
    return record.fields[ROWS].value if ROWS in record.fields else None


def _not_older(held: Held, than: Held | None) -> bool:
    return than is None or held.stamp >= than.stamp
