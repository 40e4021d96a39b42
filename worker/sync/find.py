"""Finds the Upsales record of an external thing by identity, natural key or marker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from worker.errors import SeveralMatch, Waiting
from worker.plan import Ambiguous, Key, Match, Resource
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.marker import by_marker
from worker.sync.matching import CONTACT, CONTACT_PHONE, PHONE, agrees, as_upsales, fields_of, rule_of
from worker.sync.numbers import claim, given_another
from worker.sync.people import companies_of_number, company_at, contacts_with_number, place_of
from worker.sync.records import Found, Held, Identity
from worker.sync.reserved import check_made
from worker.sync.rows import with_row_ids
from worker.sync.wanted import Wanted, wanted_by


def find(access: Access, change: Change, without: int | None = None) -> int | None:
    """The record of a key that isn't linked yet; adopted when found. Raises Busy while another worker makes it.

    `without`: a record that is gone, which search may still show.
    """
    outdated = {without}
    wanted = wanted_by(access, change)
    for match in wanted.matches:
        hint = None if _of_many(change.key, match) else access.ledger.identity(change.key.resource, match)
        if hint is not None and _adopt_known(access, change, wanted, match, hint, outdated):
            access.found_by[change.key] = rule_of(match)
            return hint.record_id
        found = _search(access, wanted, match, outdated)
        if found is not None:
            access.found_by[change.key] = rule_of(match)
            claim(access, wanted.key.resource, found.id, match, wanted.told)
            return adopt(access, change, found)
    return None


def made_before(access: Access, key: Key, without: int | None = None, *, mends: bool = False) -> Found | None:
    """The record that a key without a link had before its connection was bound again. Only its marker tells.

    `mends`: it is looked for whatever is known of that: what is repaired may have been made after the backup that was restored.
    Raises Waiting while search may not show yet what was made just before that.
    """
    since, lag = access.rebound_for, access.timing.search_lag
    if (since is None and not mends) or access.crm.marker_field(key.resource) is None:
        return None
    if since is not None and since < lag:
        raise Waiting("the connection was just bound again: what it made before does not show yet", seconds=lag - since)
    return one_of(access, key, [found for found in by_marker(access, key) if found.id != without])


def find_again(access: Access, change: Change, lost: int) -> int | None:
    """The record that one that is gone was merged into, found by marker, else by natural key."""
    candidates = [f for f in by_marker(access, change.key) if f.id != lost]
    found = one_of(access, change.key, candidates) or search(access, wanted_by(access, change), without={lost})
    if found is None:
        return None
    return adopt(access, change, found, lost=lost)


def search(access: Access, wanted: Wanted, *, without: Collection[int | None] = ()) -> Found | None:
    """The one record that Upsales's search shows for a natural key. The first key for which it shows any decides.

    Raises NeedsReview when several records are left, and it is not to be decided as Upsales would.
    """
    found = (_search(access, wanted, match, without) for match in wanted.matches)
    return next((each for each in found if each is not None), None)


def _search(access: Access, wanted: Wanted, match: Match, without: Collection[int | None]) -> Found | None:
    key = wanted.key
    candidates = [
        f
        for f in _shown(access, wanted, match)
        if f.id not in without
        and _free(access, key, f.id, match)
        and not _outdated(access, key.resource, f.id, match)
        and not wanted.is_another(match, f.data)
        and not given_another(access.ledger.record(key.resource, f.id), match, wanted.told)
    ]
    if key.resource == "contact" and match.field == PHONE and _several(candidates):
        # A switchboard is nobody's own.
        return None
    return one_of(access, key, candidates, wanted.ambiguous)


def _of_many(key: Key, match: Match) -> bool:
    """Whether a natural key may be that of many, so that all who have it are asked for each time."""
    return match.field == CONTACT_PHONE or (key.resource, match.field) == ("contact", PHONE)


def _several(candidates: Sequence[Found]) -> bool:
    return len(candidates) > 1 and sum(found.active for found in candidates) != 1


def _shown(access: Access, wanted: Wanted, match: Match) -> Sequence[Found]:
    resource = wanted.key.resource
    if match.field == CONTACT_PHONE:
        return companies_of_number(access, match.value)
    if (resource, match.field) == ("contact", PHONE):
        return contacts_with_number(access, match.value)
    if match.field != CONTACT and resource != "account":
        return access.search(resource, match)
    if match.field != CONTACT:
        told = tuple(other for other in wanted.matches if other.field not in (CONTACT, CONTACT_PHONE))
        return [found for found in access.search_any(resource, told) if _carries(access, resource, found, match)]
    place = place_of(access, match.value)
    company = None if place is None else company_at(access, place, named=wanted.named)
    return () if company is None else (company,)


def one_of(access: Access, key: Key, candidates: Sequence[Found], ambiguous: Ambiguous = "review") -> Found | None:
    """The only candidate, or the only active one; else the one that Upsales would take, if it may be decided so."""
    active = [found for found in candidates if found.active]
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    if len(active) == 1:
        return active[0]
    if ambiguous == "as_upsales":
        return as_upsales(active or candidates)
    ids = tuple(sorted(found.id for found in candidates))
    raise SeveralMatch(
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
        for upsert in (step.upsert for step in change.steps)
        for name in (*upsert.set, *upsert.if_empty, *upsert.if_ours, *upsert.while_ours, *upsert.placed, *upsert.surest)
        if held is None or name not in held
    }
    resource = change.key.resource
    seen = access.view(resource, found.data).seen(written) | with_row_ids(held or {}, found.data, answered=True)
    carried = [match for match in change.all_matches if _carries(access, resource, found, match)]
    access.ledger.adopt(change.key, found.id, carried, seen, lost=lost)
    return found.id


def _adopt_known(
    access: Access, change: Change, wanted: Wanted, match: Match, hint: Identity, outdated: set[int | None]
) -> bool:
    """Adopt the record that last had the natural key, if it is active and still has it. Answers whether it was adopted.

    A record that lost the natural key is added to `outdated`.
    """
    ledger, resource = access.ledger, change.key.resource
    check_made(hint, resource, match.field)
    if hint.record_id is None or not _free(access, change.key, hint.record_id, match):
        return False
    if match.field == CONTACT and not _made_for(access, wanted, match, hint.record_id):
        return False
    record = ledger.record(resource, hint.record_id)
    held = {name: each.value for name, each in record.fields.items()}
    if wanted.is_another(match, held) or given_another(record, match, wanted.told):
        return False
    if hint.age <= access.timing.search_lag:
        claim(access, resource, hint.record_id, match, wanted.told)
        # It is not read, so the identity is not confirmed: it keeps its age.
        ledger.adopt(change.key, hint.record_id, (), {})
        return True
    found = access.read(resource, hint.record_id)
    if found is None or not (match.field == CONTACT or _carries(access, resource, found, match)):
        ledger.forget(resource, match, hint.record_id)
        outdated.add(hint.record_id)
        return False
    meant = found.active and not wanted.is_another(match, found.data)
    if meant:
        claim(access, resource, found.id, match, wanted.told)
        adopt(access, change, found)
    return meant


def _made_for(access: Access, wanted: Wanted, match: Match, company: int) -> bool:
    """Whether a company that was made for somebody is theirs: unless their contact is at another one by now."""
    place = place_of(access, match.value)
    if wanted.named:
        return place is not None and place.company == company and place.counts(named=True)
    return place is None or place.company == company or company_at(access, place, named=False) is None


def _free(access: Access, key: Key, record_id: int, match: Match) -> bool:
    """Whether no other thing of this connection, which has an id there, is that record already."""
    owner = access.ledger.owner(key.resource, record_id)
    return owner is None or owner == key or match.shared or owner.natural


def _carries(access: Access, resource: Resource, found: Found, match: Match) -> bool:
    """Whether the record shows the natural key's value. Of a company it does not show who belongs there."""
    if match.field in (CONTACT, CONTACT_PHONE):
        return False
    view = access.view(resource, found.data)
    return any(agrees(match, view.value(name)) for name in fields_of(resource, match))


def _outdated(access: Access, resource: Resource, record_id: int, match: Match) -> bool:
    """Whether search shows a natural key that we have overwritten since."""
    fields = access.ledger.record(resource, record_id).fields
    held = [fields[name] for name in fields_of(resource, match) if name in fields]
    if match.field == CONTACT or not held or any(agrees(match, each.value) for each in held):
        return False
    found = access.read(resource, record_id)
    return found is None or not _carries(access, resource, found, match)
