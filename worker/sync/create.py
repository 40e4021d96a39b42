"""What became of a create whose answer never came: looked for before a second one is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from worker.errors import Busy, Failure, Gone, NeedsReview, OutcomeUnknown, Unavailable
from worker.plan import Key, Match, Resource
from worker.sync.context import Access
from worker.sync.find import adopt, known_by, one_of, search, shown
from worker.sync.fold import Change, decide_new
from worker.sync.marker import by_marker, marked, marks, told_by
from worker.sync.records import CallState, Found, Held, Link, OpenWrite
from worker.sync.rows import with_row_ids
from worker.sync.waits import next_recheck, next_try, rechecked_enough
from worker.sync.wire import Ids, assemble, hold_fields

DAY = 86_400.0

DECIDE = "look in Upsales, then `relay review adopt` or `relay review create`"


def recover(access: Access, change: Change, link: Link) -> int | None:
    """The record of a create whose answer never came. None: it certainly was not made, and may be made again.

    Raises Busy while the call may still be on its way, OutcomeUnknown until its absence counts,
    NeedsReview where nothing can tell.
    """
    open_write = link.open_write
    if open_write is None:
        raise NeedsReview(f"{change.key.resource} {change.key.id!r} was begun, and no call tells how it ended")
    if open_write.record_id is not None:
        return _answered(access, change, open_write.record_id, told_by(open_write.sent))
    if open_write.state is CallState.OPEN and open_write.remaining > 0:
        raise Busy(f"the {change.key.resource} is being made by another worker", seconds=next_try(open_write.age))
    if open_write.age < access.timing.search_lag:
        raise _look_later(access, change.key, open_write)
    with looking(access, change.key, open_write):
        return _looked_for(access, change, open_write)


def look_for(access: Access, key: Key, open_write: OpenWrite, carried: Sequence[Match]) -> Found | None:
    """What a create made whose answer never came. None: it certainly made nothing. Raises as `recover` does.

    `carried`: the natural keys that the record would be known by.
    """
    made = _made(access, key, told_by(open_write.sent), carried, marked=marked(access, key, open_write.sent))
    if made is None:
        _check_absence(access, key, open_write)
    return made


@contextmanager
def looking(access: Access, key: Key, open_write: OpenWrite) -> Iterator[None]:
    """To give up because Upsales can't be asked would leave what the create may have made to nobody, and its natural keys reserved."""
    try:
        yield
    except Unavailable as error:
        access.ledger.rechecked(open_write.id)
        raise _look_later(access, key, open_write, error) from None


def _answered(access: Access, change: Change, record_id: int, told: dict[str, Held]) -> int:
    """The record of a create whose answer came, to a worker that was overtaken."""
    found = shown(access, change.key.resource, record_id)
    if found is not None:
        return adopt(access, change, found, told)
    # Deleted since: what is held of it tells that it was ours.
    access.ledger.adopt(change.key, record_id, (), told)
    return record_id


def _looked_for(access: Access, change: Change, open_write: OpenWrite) -> int | None:
    told = told_by(open_write.sent)
    made = look_for(access, change.key, open_write, known_by(change, told))
    if made is not None:
        return adopt(access, change, made, told)
    # Meanwhile people may have made it.
    found = search(access, change.key, change.matches)
    return None if found is None else adopt(access, change, found)


def _made(
    access: Access, key: Key, told: Mapping[str, Held], carried: Sequence[Match], *, marked: bool
) -> Found | None:
    """What the create made. The marker tells for certain; a natural key does if the record shows all that was sent.

    `marked`: it carried the marker. Of one that did not, no marked record tells nothing.
    """
    found = one_of(key, by_marker(access, key))
    if found is not None:
        return found
    if not (marked or any(match.field in told for match in carried)):
        raise NeedsReview(
            f"a create of {key.resource} {key.id!r} got no answer, and it has no mark to be found by: {DECIDE}"
        )
    found = search(access, key, carried)
    if found is None or not access.view(key.resource, found.data).shows_all(told):
        return None
    return found


def _check_absence(access: Access, key: Key, open_write: OpenWrite) -> None:
    """Returns when not finding the record means that it was never made."""
    access.ledger.rechecked(open_write.id)
    settled_after = access.timing.settled_after
    if open_write.age < access.timing.visible_after:
        raise _look_later(access, key, open_write)
    # Of a busy account's creates the newest never shows yet: one of the time when the call could commit will.
    witness = access.ledger.later_create(open_write.id, within=settled_after)
    if witness is not None and access.crm.visible(*witness):
        return
    # Without a later create of ours in sight, Upsales's search may lag more than it usually does.
    if open_write.age < 2 * settled_after or (witness is not None and not _deleted(access, *witness)):
        raise _look_later(access, key, open_write)


def _look_later(access: Access, key: Key, open_write: OpenWrite, down: Unavailable | None = None) -> OutcomeUnknown:
    """`down`: why it can't be looked for. Raises NeedsReview when it was looked for long enough."""
    lag, visible_after, give_up = access.timing.search_lag, access.timing.visible_after, access.timing.give_up
    why = "" if down is None else f" ({down})"
    if rechecked_enough(open_write.age, open_write.looks, lag=lag, visible_after=visible_after, give_up=give_up):
        raise NeedsReview(
            f"a create of {key.resource} {key.id!r} got no answer, and what became of it could not be found out"
            f" for {give_up / DAY:g} days{why}: {DECIDE}"
        )
    return OutcomeUnknown(
        f"a create got no answer: its effect is being looked for{why}",
        seconds=next_recheck(open_write.age, lag=lag, visible_after=visible_after),
        looking=True,
        unavailable=down is not None,
    )


def _deleted(access: Access, resource: Resource, record_id: int) -> bool:
    try:
        access.crm.get(resource, record_id)
    except Gone:
        return True
    return False


def create(access: Access, change: Change, ids: Ids) -> tuple[int, Mapping[str, Held]]:
    """POST the record. The intent, with what is sent, is on disk before the call leaves."""
    crm, ledger, resource = access.crm, access.ledger, change.key.resource
    fields = hold_fields(decide_new(change).fields, ids, crm.resolve)
    sent = {**fields, **marks(access, change.key)}
    values = {name: held.value for name, held in sent.items()}
    body = assemble(values, access.view(resource, {}))
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
