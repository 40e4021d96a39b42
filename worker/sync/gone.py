"""Finds out what became of a record that is gone from Upsales, also when it comes back."""

from __future__ import annotations

from dataclasses import replace

from worker.errors import Gone, LinkDeleted, Waiting
from worker.plan import Key, Match, Upsert
from worker.sync.context import Access
from worker.sync.find import adopt, find, find_again, made_before, one_of
from worker.sync.fold import Change
from worker.sync.marker import by_marker
from worker.sync.records import Found, LinkState


def bury(access: Access, change: Change, lost: int, *, recreate: bool) -> None:
    """Find the record that took the place of one that is gone, else forget that one.

    Raises Waiting while search may not show yet into which record it was merged.
    """
    ledger, key = access.ledger, change.key
    link = ledger.link(key)
    if link is None or link.record_id != lost:
        # Another worker found out first.
        return
    if find_again(access, change, lost) is not None:
        return
    missing = ledger.missing(key, lost)
    if missing < access.timing.search_lag:
        raise Waiting(
            f"{key.resource} {lost} is not in Upsales any more: whether it was merged does not show yet",
            seconds=access.timing.search_lag - missing,
        )
    # A record that we never wrote to was found in a lagging search: it was gone before, nobody deleted it since.
    written = any(held.event for held in ledger.record(key.resource, lost).fields.values())
    ledger.gone(key, lost, final=written and not recreate)


def bury_linked(access: Access, change: Change, key: Key, lost: int, *, recreate: bool) -> None:
    """As `bury`, for a record that the change links to and that no change of the run is about.

    It is searched by the natural keys that it had as far as we know.
    """
    held = access.ledger.record(key.resource, lost).fields
    known = [(name, held[name].value) for name in sorted(access.ledger.natural_fields(key)) if name in held]
    matches = tuple(Match(name, str(value)) for name, value in known if value is not None)
    step = replace(change.steps[0], upsert=Upsert(key=key, match=matches, create=False))
    bury(access, Change(key, (step,)), lost, recreate=recreate)


def check_missing(access: Access, key: Key, record_id: int) -> None:
    """Look again at a record that was missed before. Raises Gone when it is still missing."""
    if access.read(key.resource, record_id) is None:
        raise Gone(f"{key.resource} {record_id} is not in Upsales any more")
    access.ledger.found(key, record_id)


def come_back(access: Access, change: Change, lost: int, *, recreate: bool) -> int | None:
    """The record of a key whose record was deleted: it is there again, or another took its place since."""
    present = _present(access, change.key, lost)
    if present is not None:
        return adopt(access, change, present)
    # One that is to be made again must not be one that another worker has just made.
    return find(access, change, lost) if recreate else find_again(access, change, lost)


def linked_again(access: Access, key: Key, lost: int) -> int | None:
    """As `come_back`, for a record that no change of the run is about. It has no natural keys to be searched by."""
    found = _present(access, key, lost) or one_of(access, key, [f for f in by_marker(access, key) if f.id != lost])
    if found is None:
        return None
    access.ledger.adopt(key, found.id, (), {}, lost=None if found.id == lost else lost)
    return found.id


def linked_before(access: Access, key: Key) -> int | None:
    """As `made_before`, for a record that no change of the run is about."""
    found = made_before(access, key)
    if found is None:
        return None
    access.ledger.adopt(key, found.id, (), {})
    return found.id


def check_deleted(access: Access, key: Key) -> None:
    """Raises Rejected when a person deleted the key's record in Upsales."""
    link = access.ledger.link(key)
    if link is not None and link.state is LinkState.GONE:
        raise LinkDeleted(f"the {key.resource} {key.id!r} that it links to was deleted in Upsales")


def _present(access: Access, key: Key, lost: int) -> Found | None:
    """The record itself, if it is there again and no other thing of this connection became it."""
    owner = access.ledger.owner(key.resource, lost)
    return access.read(key.resource, lost) if owner in (None, key) else None
