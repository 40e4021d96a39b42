"""Look once more at calls whose outcome was never known, when they can't take effect any more."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from worker.errors import Failure, Gone
from worker.finding import Access, by_stamp
from worker.plan import Key
from worker.ports import Doubt, Held, Json, Record
from worker.updating import effect, prepare, send
from worker.wire import ROWS, same, shows


class Verdict(StrEnum):
    """What was found. DUPLICATED: reported in the ledger, for a person to merge the records."""

    IN_ORDER = "in order"
    REPAIRED = "repaired"
    DUPLICATED = "duplicated"


def verify(access: Access, doubt: Doubt) -> Verdict:
    """Close the call. Raises the Failure that stopped it, and then wants to be asked again."""
    if doubt.key is not None:
        return _verify_create(access, doubt, doubt.key)
    if doubt.record_id is not None:
        return _verify_update(access, doubt, doubt.record_id)
    raise ValueError(f"call {doubt.call} is about no record")


def _verify_create(access: Access, doubt: Doubt, key: Key) -> Verdict:
    """The record was made again. More than one is alive if the first call had its effect after all."""
    link = access.ledger.link(key)
    linked = None if link is None else link.record_id
    known = {record_id for record_id in (doubt.record_id, linked) if record_id is not None}
    stamped = {found.id for found in by_stamp(access, key)}
    alive = stamped | {record_id for record_id in known - stamped if _exists(access, doubt, record_id)}
    if len(alive) > 1:
        access.ledger.duplicated(doubt.call, sorted(alive))
        return Verdict.DUPLICATED
    access.ledger.settled(doubt.call, effective=False)
    return Verdict.IN_ORDER


def _verify_update(access: Access, doubt: Doubt, record_id: int) -> Verdict:
    """A PUT that took effect late wrote over what newer events had decided: those values are written again."""
    ledger = access.ledger
    record = ledger.hold(doubt.resource, record_id, access.timing.hold)
    try:
        data = access.crm.get(doubt.resource, record_id).data
        overwritten = _overwritten(access, record, doubt, data)
        put = prepare(access, record, overwritten, data, _rows(record, doubt)) if overwritten else None
    except Gone:
        # The next event about it finds out what became of it.
        ledger.release(doubt.resource, record_id, {})
        ledger.settled(doubt.call, effective=False)
        return Verdict.IN_ORDER
    except Failure:
        ledger.release(doubt.resource, record_id, {})
        raise
    brought = effect(access, record, doubt.sent, data)
    held = {**record.fields, **brought}
    if put is None:
        ledger.release(doubt.resource, record_id, held)
    else:
        send(access, put, held, ())
    ledger.settled(doubt.call, effective=bool(brought or overwritten))
    return Verdict.IN_ORDER if put is None else Verdict.REPAIRED


def _overwritten(access: Access, record: Record, doubt: Doubt, data: Mapping[str, Json]) -> dict[str, Held]:
    """What the record holds by newer events, and does not show because it shows what the call sent."""

    def custom_id(alias: str) -> int:
        return access.crm.custom_field(doubt.resource, alias)

    found = {}
    for name, packed in doubt.sent.items():
        sent, held = Held.unpacked(packed), record.fields.get(name)
        newer = held is not None and held.stamp > sent.stamp and not same(held.value, sent.value)
        if held is not None and newer and shows(name, sent.value, data, custom_id):
            found[name] = held
    return found


def _rows(record: Record, doubt: Doubt) -> Json:
    """The order rows that are ours: those that are held, and those that the call brought back."""
    if ROWS not in doubt.sent or ROWS not in record.fields:
        return None
    held = record.fields[ROWS].value
    keys = {row["key"] for row in held}
    return [*held, *(row for row in Held.unpacked(doubt.sent[ROWS]).value if row["key"] not in keys)]


def _exists(access: Access, doubt: Doubt, record_id: int) -> bool:
    try:
        access.crm.get(doubt.resource, record_id)
    except Gone:
        return False
    return True
