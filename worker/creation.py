"""Make a record once: the intent, with what is sent, is on disk before the POST leaves."""

from __future__ import annotations

from collections.abc import Mapping

from worker.access import Access
from worker.coalesce import Change
from worker.decision import decide_new
from worker.errors import Failure, OutcomeUnknown
from worker.finding import known_by
from worker.marking import marks
from worker.ports import Held
from worker.showing import with_row_ids
from worker.wire import Ids, assemble, hold_fields


def create(access: Access, change: Change, ids: Ids) -> tuple[int, Mapping[str, Held]]:
    """POST the record. The intent, with what is sent, is on disk before the call leaves."""
    crm, ledger, resource = access.crm, access.ledger, change.key.resource
    fields = hold_fields(decide_new(change).fields, ids, crm.resolve)
    sent = {**fields, **marks(access, change.key)}
    values = {name: held.value for name, held in sent.items()}
    body = assemble(values, custom_id=lambda alias: crm.custom_field(resource, alias))
    crm.check(resource, body, creating=True)
    permit = crm.admit()
    packed = {name: held.packed() for name, held in sent.items()}
    carried = known_by(change, fields)
    call = ledger.intend_create(change.key, carried, packed, access.timing.call_timeout)
    try:
        answer = crm.create(permit, resource, body)
    except OutcomeUnknown as error:
        ledger.unknown(call, error)
        raise
    except Failure as error:
        ledger.failed(call, error)
        raise
    fields = with_row_ids(fields, answer.data)
    ledger.created(call, change.key, answer, carried, fields)
    return answer.id, fields
