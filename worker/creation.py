"""Make a record once: intent before POST, and looking before a second one."""

from __future__ import annotations

from collections.abc import Mapping

from worker.coalesce import Change, decide_new
from worker.errors import Busy, Failure, Gone, NeedsReview, OutcomeUnknown, Unavailable
from worker.finding import Access, adopt, by_stamp, names, one_of, search, stamp
from worker.plan import Match, Resource
from worker.ports import CallState, Found, Held, Link, Pending
from worker.retries import next_look, next_try
from worker.wire import Ids, assemble, hold_fields, took_effect, with_row_ids


def create(access: Access, change: Change, ids: Ids) -> tuple[int, Mapping[str, Held]]:
    """POST the record. The intent, with what is sent, is on disk before the call leaves."""
    crm, ledger, resource = access.crm, access.ledger, change.key.resource
    fields = hold_fields(decide_new(change).fields, ids, crm.resolve)
    sent = {name: held.value for name, held in fields.items()}
    marked_at = crm.stamp_field(resource)
    if marked_at is not None:
        sent.setdefault(marked_at, stamp(ledger.connection, change.key))
    body = assemble(sent, custom_id=lambda alias: crm.custom_field(resource, alias))
    crm.check(resource, body, creating=True)
    permit = crm.admit()
    packed = {name: held.packed() for name, held in fields.items()}
    carried = _carried(change, fields)
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


def recover(access: Access, change: Change, link: Link) -> int | None:
    """The record of a create whose answer never came. None: it certainly was not made, and may be made again.

    Raises Busy while the call may still be on its way, OutcomeUnknown until its absence counts,
    NeedsReview where nothing can tell.
    """
    pending = link.pending
    if pending is None:
        raise NeedsReview(f"{change.key.resource} {change.key.id!r} was begun, and no call tells how it ended")
    if pending.state is CallState.OPEN and pending.remaining > 0:
        raise Busy(f"the {change.key.resource} is being made by another worker", seconds=next_try(pending.age))
    if pending.age < access.timing.search_lag:
        raise _look_later(access, pending)
    try:
        return _looked_for(access, change, pending)
    except Unavailable as error:
        if not error.persistent:
            raise
        # To give up would leave what it may have made to nobody, and its natural keys reserved.
        raise _look_later(access, pending) from None


def _looked_for(access: Access, change: Change, pending: Pending) -> int | None:
    sent = {name: Held.unpacked(packed) for name, packed in pending.sent.items()}
    made = _made(access, change, sent)
    if made is not None:
        return adopt(access, change, made, sent)
    _check_absence(access, pending)
    # Meanwhile people may have made it.
    found = search(access, change.key, change.matches)
    return None if found is None else adopt(access, change, found)


def _carried(change: Change, fields: Mapping[str, Held]) -> tuple[Match, ...]:
    """The natural keys that a record made with these fields is known by."""
    return tuple(
        match
        for match in change.all_matches
        if (names(match, fields[match.field].value) if match.field in fields else match in change.matches)
    )


def _made(access: Access, change: Change, sent: Mapping[str, Held]) -> Found | None:
    """What the create made. The stamp tells for certain; a natural key does if the record shows all that was sent."""
    key = change.key
    stamped = one_of(key, by_stamp(access, key))
    if stamped is not None:
        return stamped
    carried = _carried(change, sent)
    if access.crm.stamp_field(key.resource) is None and not carried:
        raise NeedsReview(
            f"a create of {key.resource} {key.id!r} got no answer, and it has no mark to be found by:"
            " look in Upsales, then `relay review adopt` or `relay review create`"
        )
    found = search(access, key, carried)
    if found is None or not took_effect(sent, found.data, lambda alias: access.crm.custom_field(key.resource, alias)):
        return None
    return found


def _check_absence(access: Access, pending: Pending) -> None:
    """Returns when not finding the record means that it was never made."""
    access.ledger.looked(pending.id)
    horizon = access.timing.horizon
    if pending.age < access.timing.shown:
        raise _look_later(access, pending)
    # Of a busy account's creates the newest never shows yet: one of the time when the call could commit will.
    witness = access.ledger.later_create(pending.id, within=horizon)
    if witness is not None and access.crm.visible(*witness):
        return
    # Without a later create of ours in sight, Upsales's search may lag more than it usually does.
    if pending.age < 2 * horizon or (witness is not None and not _deleted(access, *witness)):
        raise _look_later(access, pending)


def _look_later(access: Access, pending: Pending) -> OutcomeUnknown:
    timing = access.timing
    seconds = next_look(pending.age, lag=timing.search_lag, horizon=timing.shown)
    return OutcomeUnknown("a create got no answer: its effect is being looked for", seconds=seconds, looking=True)


def _deleted(access: Access, resource: Resource, record_id: int) -> bool:
    try:
        access.crm.get(resource, record_id)
    except Gone:
        return True
    return False
