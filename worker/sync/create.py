"""Creates records, and finds out what became of a create that got no answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from worker.errors import Busy, CreateUnsettled, Failure, OutcomeUnknown, Unavailable
from worker.plan import Key, Match
from worker.sync.context import Access
from worker.sync.dropped import note_dropped_contacts
from worker.sync.find import adopt, one_of, search
from worker.sync.fold import Change, decide_new
from worker.sync.marker import by_marker, marked, marker_fields, told_by
from worker.sync.records import CallState, Found, Held, Link, OpenWrite, packed_fields
from worker.sync.references import resolve
from worker.sync.rows import with_row_ids
from worker.sync.uploads import UPLOADED, first_step
from worker.sync.waits import next_recheck, next_try, rechecked_enough
from worker.sync.wanted import Wanted, known_by, wanted_by
from worker.sync.wire import Ids, assemble, hold_fields

DAY = 86_400.0

DECIDE = "look in Upsales, then `relay review adopt` or `relay review create`"


def create(access: Access, change: Change, ids: Ids) -> tuple[int, Mapping[str, Held]]:
    """POST the record. The intent, with what is sent, is on disk before the call leaves."""
    crm, ledger, resource = access.crm, access.ledger, change.key.resource
    fields = hold_fields(decide_new(first_step(change)).fields, ids, partial(resolve, access))
    sent = {**fields, **marker_fields(access, change.key)}
    body = assemble({name: held.value for name, held in sent.items()}, access.view(resource, {}))
    crm.check(resource, body, creating=True)
    permit = crm.admit()
    packed = packed_fields(sent)
    carried = known_by(access, change, fields)
    call = ledger.intend_create(change.key, carried, packed, access.timing.call_timeout)
    try:
        answer = crm.create(permit, resource, body)
    except OutcomeUnknown as error:
        ledger.unknown(call, error)
        raise
    except Failure as error:
        ledger.failed(call, error)
        raise
    note_dropped_contacts(access, change.key, body, answer.data)
    fields = with_row_ids(fields, answer.data, answered=True)
    ledger.created(call, change.key, answer, carried, fields)
    return answer.id, fields


def recover(access: Access, change: Change, link: Link) -> int | None:
    """The record of a create that got no answer. None: it certainly made nothing, and a second one may be sent.

    Where no step would make it now, its link goes. Raises Busy while the call may still be on its way, OutcomeUnknown while the record's absence proves nothing,
    NeedsReview where no machine can tell.
    """
    open_write = link.open_write
    if open_write is None:
        raise CreateUnsettled(
            f"{change.key.resource} {change.key.id!r} was begun, and no call tells how it ended",
            key=access.qualified(change.key),
        )
    if open_write.record_id is not None:
        return _answered(access, change, open_write.record_id, told_by(open_write.sent))
    if open_write.state is CallState.OPEN and open_write.remaining > 0:
        raise Busy(f"the {change.key.resource} is being made by another worker", seconds=next_try(open_write.age))
    if change.key.resource in UPLOADED:
        # Whatever it left is attached to nothing.
        return None
    if open_write.age < access.timing.search_lag:
        raise _later(access, change.key, open_write)
    with rechecking(access, change.key, open_write):
        made = _made_by_anybody(access, change, open_write)
    if made is None and change.maker is None:
        access.ledger.failed(open_write.id, Failure("it was never made"))
    return made


@contextmanager
def rechecking(access: Access, key: Key, open_write: OpenWrite) -> Iterator[None]:
    """A recheck that fails because Upsales can't be asked is made again later.

    To give up would leave the record that the create may have made to nobody, and its natural keys reserved.
    """
    try:
        yield
    except Unavailable as error:
        access.ledger.rechecked(open_write.id)
        raise _later(access, key, open_write, error) from None


def made_by(access: Access, key: Key, open_write: OpenWrite, carried: Sequence[Match]) -> Found | None:
    """The record that a create without an answer made. None: it certainly made nothing. Raises as `recover` does.

    `carried`: the natural keys that the record would be known by.
    """
    told = told_by(open_write.sent)
    made = _find_made(access, key, told, carried, marked=marked(access, key, open_write.sent))
    if made is None:
        _check_absence(access, key, open_write)
    return made


def _answered(access: Access, change: Change, record_id: int, told: dict[str, Held]) -> int:
    """The record of a create whose answer went to a worker that had been overtaken."""
    found = access.read(change.key.resource, record_id)
    if found is not None:
        return adopt(access, change, found, told)
    # It was deleted since. What is held of it tells that it was ours.
    access.ledger.adopt(change.key, record_id, (), told)
    return record_id


def _made_by_anybody(access: Access, change: Change, open_write: OpenWrite) -> int | None:
    told = told_by(open_write.sent)
    made = made_by(access, change.key, open_write, known_by(access, change, told))
    if made is not None:
        return adopt(access, change, made, told)
    # Meanwhile a person may have made it.
    found = search(access, wanted_by(access, change))
    return None if found is None else adopt(access, change, found)


def _find_made(
    access: Access, key: Key, told: Mapping[str, Held], carried: Sequence[Match], *, marked: bool
) -> Found | None:
    """Find the record by its marker, which is certain, or by a natural key if it shows all that was sent.

    `marked`: the create carried the marker. If it did not, the absence of a marked record proves nothing.
    """
    found = one_of(access, key, by_marker(access, key))
    if found is not None:
        return found
    if not (marked or any(match.field in told for match in carried)):
        raise CreateUnsettled(
            f"a create of {key.resource} {key.id!r} got no answer, and it has no marker to be found by: {DECIDE}",
            key=access.qualified(key),
        )
    found = search(access, Wanted(key, tuple(carried), ()))
    if found is None or not access.view(key.resource, found.data).shows_all(told):
        return None
    return found


def _check_absence(access: Access, key: Key, open_write: OpenWrite) -> None:
    """Returns when the record's absence from search proves that it was never made."""
    access.ledger.rechecked(open_write.id)
    settled_after = access.timing.settled_after
    if open_write.age < access.timing.visible_after:
        raise _later(access, key, open_write)
    # A later create of ours that shows is a witness that search has caught up. The newest create of a busy account never
    # shows yet, so the witness is one that was sent while this call could still commit.
    witness = access.ledger.later_create(open_write.id, within=settled_after)
    if witness is not None and access.crm.visible(*witness):
        return
    # Without a witness Upsales's search may lag more than it usually does. A deleted one never shows.
    if open_write.age < 2 * settled_after or (witness is not None and access.read(*witness) is not None):
        raise _later(access, key, open_write)


def _later(access: Access, key: Key, open_write: OpenWrite, down: Unavailable | None = None) -> OutcomeUnknown:
    """The failure that puts the next recheck off. Raises NeedsReview when there were enough rechecks.

    `down`: why Upsales could not be asked.
    """
    lag, visible_after, give_up = access.timing.search_lag, access.timing.visible_after, access.timing.give_up
    why = "" if down is None else f" ({down})"
    if rechecked_enough(open_write.age, open_write.rechecks, lag=lag, visible_after=visible_after, give_up=give_up):
        raise CreateUnsettled(
            f"a create of {key.resource} {key.id!r} got no answer, and what became of it could not be found out"
            f" for {give_up / DAY:g} days{why}: {DECIDE}",
            key=access.qualified(key),
        )
    return OutcomeUnknown(
        f"a create got no answer: its effect is being looked for{why}",
        seconds=next_recheck(open_write.age, lag=lag, visible_after=visible_after),
        rechecking=True,
        unavailable=down is not None,
    )
