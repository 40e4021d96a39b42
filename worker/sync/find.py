"""Finds the Upsales record of an external thing by identity, natural key or marker."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from worker.errors import Busy, NeedsReview
from worker.plan import Key, Match, Resource, normalised
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.marker import by_marker
from worker.sync.records import Found, Held, Identity, Json
from worker.sync.rows import with_row_ids
from worker.sync.waits import next_try

UNDECIDED = "whether it was made waits for a person: decide that first, see `relay review list`, then replay this one"


def find(access: Access, change: Change, without: int | None = None) -> int | None:
    """The record of a key that isn't linked yet; adopted when found. Raises Busy while another worker makes it.

    `without`: a record that is gone, which search may still show.
    """
    outdated = {without}
    for match in change.matches:
        hint = access.ledger.identity(change.key.resource, match)
        if hint is not None and _adopt_known(access, change, match, hint, outdated):
            return hint.record_id
        found = search(access, change.key, [match], without=outdated)
        if found is not None:
            return adopt(access, change, found)
    return None


def find_again(access: Access, change: Change, lost: int) -> int | None:
    """The record that one that is gone was merged into, found by marker, else by natural key."""
    candidates = [f for f in by_marker(access, change.key) if f.id != lost]
    found = one_of(access, change.key, candidates) or search(access, change.key, change.matches, without={lost})
    if found is None:
        return None
    return adopt(access, change, found, lost=lost)


def search(access: Access, key: Key, matches: Iterable[Match], *, without: Collection[int | None] = ()) -> Found | None:
    """The one record that Upsales's search shows for a natural key. The first key for which it shows any decides.

    Raises NeedsReview when several records are left.
    """
    for match in matches:
        candidates = [
            f
            for f in access.crm.search(key.resource, match)
            if f.id not in without
            and _free(access, key, f.id, match)
            and not _outdated(access, key.resource, f.id, match)
        ]
        found = one_of(access, key, candidates)
        if found is not None:
            return found
    return None


def one_of(access: Access, key: Key, candidates: Sequence[Found]) -> Found | None:
    """The only candidate, or the only active one."""
    active = [found for found in candidates if found.active]
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    if len(active) == 1:
        return active[0]
    ids = tuple(sorted(found.id for found in candidates))
    raise NeedsReview(
        f"{len(ids)} records in Upsales match {key.resource} {key.id!r}: {', '.join(map(str, ids[:10]))}",
        key=access.qualified(key),
        candidates=ids,
    )


def adopt(
    access: Access,
    change: Change,
    found: Found,
    held: Mapping[str, Held] | None = None,
    *,
    lost: int | None = None,
) -> int:
    """Link the key to a record that exists. What it shows in the fields that we may write is kept as seen.

    `held`: what a call of ours wrote to it. `lost`: a record that was merged into it.
    """
    written = {
        name
        for step in change.steps
        for name in (*step.upsert.set, *step.upsert.if_empty, *step.upsert.while_ours)
        if held is None or name not in held
    }
    resource = change.key.resource
    seen = access.view(resource, found.data).seen(written) | with_row_ids(held or {}, found.data, answered=True)
    carried = [match for match in change.all_matches if _carries(access, resource, found, match)]
    access.ledger.adopt(change.key, found.id, carried, seen, lost=lost)
    return found.id


def known_by(change: Change, fields: Mapping[str, Held]) -> tuple[Match, ...]:
    """The natural keys that identify a record made with these fields."""
    return tuple(
        match
        for match in change.all_matches
        if (names(match, fields[match.field].value) if match.field in fields else match in change.matches)
    )


def names(match: Match, value: Json) -> bool:
    """Whether a field's value is the natural key's."""
    return value is not None and normalised(Match(match.field, str(value))) == normalised(match)


def _adopt_known(access: Access, change: Change, match: Match, hint: Identity, outdated: set[int | None]) -> bool:
    """Adopt the record that last had the natural key, if it is active and still has it. Answers whether it was adopted.

    A record that lost the natural key is added to `outdated`.
    """
    ledger, resource = access.ledger, change.key.resource
    if hint.undecided is not None:
        raise NeedsReview(f"{hint.undecided} has the same {match.field}, and {UNDECIDED}", key=hint.undecided)
    if hint.record_id is None:
        maker = hint.maker or f"another {resource}"
        raise Busy(
            f"{maker} is being made with the same {match.field}: what becomes of that is waited for",
            seconds=next_try(hint.age),
        )
    if not _free(access, change.key, hint.record_id, match):
        return False
    if hint.age <= access.timing.search_lag:
        # It is not read, so the identity is not confirmed: it keeps its age.
        ledger.adopt(change.key, hint.record_id, (), {})
        return True
    found = access.read(resource, hint.record_id)
    if found is None or not _carries(access, resource, found, match):
        ledger.forget(resource, match, hint.record_id)
        outdated.add(hint.record_id)
        return False
    if found.active:
        adopt(access, change, found)
    return found.active


def _free(access: Access, key: Key, record_id: int, match: Match) -> bool:
    """Whether no other thing of this connection is that record already."""
    owner = access.ledger.owner(key.resource, record_id)
    return owner is None or owner == key or match.shared


def _carries(access: Access, resource: Resource, found: Found, match: Match) -> bool:
    """Whether the record shows the natural key's value."""
    return names(match, access.view(resource, found.data).value(match.field))


def _outdated(access: Access, resource: Resource, record_id: int, match: Match) -> bool:
    """Whether search shows a natural key that we have overwritten since."""
    held = access.ledger.record(resource, record_id).fields.get(match.field)
    if held is None or names(match, held.value):
        return False
    found = access.read(resource, record_id)
    return found is None or not _carries(access, resource, found, match)
