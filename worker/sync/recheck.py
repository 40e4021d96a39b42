"""Rechecks calls whose outcome was never known, once they can't take effect any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from worker.errors import Failure, Gone
from worker.plan import Key, Match
from worker.sync.context import Access
from worker.sync.create import made_by, rechecking
from worker.sync.fold import empty
from worker.sync.marker import by_marker, marked, told_by
from worker.sync.records import Held, OpenWrite, Recheck, Record
from worker.sync.rows import with_row_ids
from worker.sync.update import effect, prepare, rows_held, send
from worker.sync.uploads import UPLOADED
from worker.sync.view import RecordView, same
from worker.sync.wire import along


class RecheckResult(StrEnum):
    """What a recheck found. ADOPTED: the record that a create made is linked. DUPLICATED: a person has to merge the records."""

    IN_ORDER = "in order"
    REPAIRED = "repaired"
    ADOPTED = "adopted"
    DUPLICATED = "duplicated"


def recheck(access: Access, due: Recheck) -> RecheckResult:
    """Close the call. Raises the Failure that stopped the recheck: it is to be made again, unless a person has to decide."""
    if due.key is not None:
        return _recheck_create(access, due, due.key)
    if due.record_id is not None:
        return _recheck_update(access, due, due.record_id)
    raise ValueError(f"call {due.call} is about no record")


def _recheck_create(access: Access, due: Recheck, key: Key) -> RecheckResult:
    """Recheck a create after which the record was made again. Several are alive if it took effect after all."""
    link = access.ledger.link(key)
    own = link is not None and link.open_write is not None and link.open_write.id == due.call
    if key.resource in UPLOADED:
        return _end_upload(access, due, own=own)
    if link is not None and link.open_write is not None and own:
        return _end_create(access, key, link.open_write)
    linked = None if link is None else link.record_id
    linked_or_answered = {record_id for record_id in (due.record_id, linked) if record_id is not None}
    shown = {found.id for found in by_marker(access, key)} | _alike(access, due, key)
    alive = shown | {record_id for record_id in linked_or_answered - shown if access.read(due.resource, record_id)}
    if len(alive) > 1:
        access.ledger.duplicated(due.call, sorted(alive))
        return RecheckResult.DUPLICATED
    access.ledger.settled(due.call, effective=False)
    return RecheckResult.IN_ORDER


def _end_upload(access: Access, due: Recheck, *, own: bool) -> RecheckResult:
    """Whatever it left is attached to nothing. `own`: the key still waits for it, and is free again."""
    if own:
        access.ledger.failed(due.call, Failure("what it left is attached to nothing"))
    else:
        access.ledger.settled(due.call, effective=False)
    return RecheckResult.IN_ORDER


def _end_create(access: Access, key: Key, open_write: OpenWrite) -> RecheckResult:
    """End a create that no event is left to end: what it made becomes the key's record, or the key is free again."""
    told, record_id = told_by(open_write.sent), open_write.record_id
    if record_id is None:
        with rechecking(access, key, open_write):
            made = made_by(access, key, open_write, _natural_keys(access, key, told))
        if made is not None:
            record_id, told = made.id, with_row_ids(told, made.data, answered=True)
    if record_id is None:
        access.ledger.failed(open_write.id, Failure("it was never made"))
        return RecheckResult.IN_ORDER
    access.ledger.adopt(key, record_id, (), told)
    return RecheckResult.ADOPTED


def _alike(access: Access, due: Recheck, key: Key) -> set[int]:
    """Where the call carried no marker: the records with its natural keys that show all it carried and are no other key's."""
    if marked(access, key, due.sent):
        return set()
    told = told_by(due.sent)
    return {
        found.id
        for match in _natural_keys(access, key, told)
        for found in access.crm.search(key.resource, match)
        if access.view(key.resource, found.data).shows_all(told)
        and access.ledger.owner(key.resource, found.id) in (None, key)
    }


def _natural_keys(access: Access, key: Key, told: Mapping[str, Held]) -> Sequence[Match]:
    """The natural keys of the key that a call carried."""
    fields = sorted(access.ledger.natural_fields(key) & told.keys())
    return [Match(name, str(told[name].value)) for name in fields if not empty(told[name].value)]


def _recheck_update(access: Access, due: Recheck, record_id: int) -> RecheckResult:
    """Recheck an update. If it took effect late, it overwrote values of newer events: those are written again."""
    ledger = access.ledger
    record = ledger.hold(due.resource, record_id, access.timing.hold)
    try:
        view = access.view(due.resource, access.crm.get(due.resource, record_id).data)
        overwritten = _overwritten(access, record, due, view)
        put = prepare(access, record, overwritten, view) if overwritten else None
    except Gone:
        # The next event about the record finds out what became of it.
        ledger.release(due.resource, record_id, {})
        ledger.settled(due.call, effective=False)
        return RecheckResult.IN_ORDER
    except Exception:
        ledger.release(due.resource, record_id, {})
        raise
    brought = effect(record, due.sent, view)
    held = {**record.fields, **brought}
    if put is None:
        ledger.release(due.resource, record_id, held)
    else:
        send(access, put, held, ())
    ledger.settled(due.call, effective=bool(brought or overwritten))
    return RecheckResult.IN_ORDER if put is None else RecheckResult.REPAIRED


def _overwritten(access: Access, record: Record, due: Recheck, view: RecordView) -> dict[str, Held]:
    """The values of newer events that the record should show, and does not because it shows what the call sent."""
    # A field that is gone from Upsales and was only carried along is skipped. One that an event wrote is not: `shows` raises
    # Rejected, and a person is told.
    told = told_by(due.sent)
    found = {}
    for name in [*told, *view.existing(sorted(due.sent.keys() - told))]:
        sent, held = Held.unpacked(due.sent[name]), record.fields.get(name)
        newer = held is not None and held.version > sent.version and not same(held.value, sent.value)
        # Two values can look alike: what the record should show may stand there already.
        if held is None or not newer or view.shows(name, held.value, rows_before=sent.value):
            continue
        if view.shows(name, sent.value, rows_before=rows_held(record)):
            found[name] = held
    # The call did not carry fields that were first written after it was sent. It emptied them.
    later = view.existing(along(record.fields, due.sent, whole=access.crm.whole(due.resource)))
    wiped = [n for n in later if not empty(record.fields[n].value) and view.vacant(n)]
    return found | {name: record.fields[name] for name in wiped}
