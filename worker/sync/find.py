"""Finds the Upsales record of an external thing by identity, natural key or marker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from worker.errors import Busy, NeedsReview, Waiting
from worker.plan import Key, Match, Resource, normalised
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.marker import by_marker
from worker.sync.matching import CONTACT, LEGAL_NAME, as_upsales, contradicts, rule_of
from worker.sync.people import company_of, is_contact
from worker.sync.records import Found, Held, Identity, Json
from worker.sync.rows import with_row_ids
from worker.sync.waits import next_try

Ambiguous: TypeAlias = Literal["review", "as_upsales"]

UNDECIDED = "whether it was made waits for a person: decide that first, see `relay review list`, then replay this one"


def find(access: Access, change: Change, without: int | None = None) -> int | None:
    """The record of a key that isn't linked yet; adopted when found. Raises Busy while another worker makes it.

    `without`: a record that is gone, which search may still show.
    """
    outdated = {without}
    wanted = wanted_by(access, change)
    for match in wanted.matches:
        hint = access.ledger.identity(change.key.resource, match)
        if hint is not None and _adopt_known(access, change, wanted, match, hint, outdated):
            access.found_by[change.key] = rule_of(match)
            return hint.record_id
        found = _search(access, wanted, match, outdated)
        if found is not None:
            access.found_by[change.key] = rule_of(match)
            return adopt(access, change, found)
    return None


def made_before(access: Access, key: Key, without: int | None = None) -> Found | None:
    """The record that a key without a link had before its connection was bound again. Only its marker tells.

    Raises Waiting while search may not show yet what was made just before that.
    """
    since, lag = access.rebound_for, access.timing.search_lag
    if since is None or access.crm.marker_field(key.resource) is None:
        return None
    if since < lag:
        raise Waiting("the connection was just bound again: what it made before does not show yet", seconds=lag - since)
    return one_of(access, key, [found for found in by_marker(access, key) if found.id != without])


def find_again(access: Access, change: Change, lost: int) -> int | None:
    """The record that one that is gone was merged into, found by marker, else by natural key."""
    candidates = [f for f in by_marker(access, change.key) if f.id != lost]
    found = one_of(access, change.key, candidates) or search(access, wanted_by(access, change), without={lost})
    if found is None:
        return None
    return adopt(access, change, found, lost=lost)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record that is looked for. `told`: all natural keys that are known of it, `matches`: those that it is searched by."""

    key: Key
    matches: tuple[Match, ...]
    told: tuple[Match, ...]
    ambiguous: Ambiguous = "review"

    def is_another(self, match: Match, data: Mapping[str, Json]) -> bool:
        """Whether a company that was found by a natural key is not the one that is meant, by what else is told."""
        return self.key.resource == "account" and contradicts(match, self.told, data)


def wanted_by(access: Access, change: Change) -> Wanted:
    """What a change looks for. Companies are looked for by one rule, whichever connector tells of them."""
    matches = told = change.matches
    if change.key.resource == "account":
        # What one request tells of a company in several events is used together.
        told = change.all_matches
        matches = access.matching.in_order(told)
    return Wanted(change.key, matches, told, access.matching.ambiguous or change.ambiguous)


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
    ]
    return one_of(access, key, candidates, wanted.ambiguous)


def _shown(access: Access, wanted: Wanted, match: Match) -> Sequence[Found]:
    resource = wanted.key.resource
    if match.field != CONTACT and resource != "account":
        return access.search(resource, match)
    if match.field != CONTACT:
        told = tuple(other for other in wanted.matches if other.field != CONTACT)
        return [found for found in access.search_any(resource, told) if _carries(access, resource, found, match)]
    company = company_of(access, match.value, named=any(other.field == "name" for other in wanted.told))
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
        for upsert in (step.upsert for step in change.steps)
        for name in (*upsert.set, *upsert.if_empty, *upsert.if_ours, *upsert.while_ours, *upsert.placed, *upsert.surest)
        if held is None or name not in held
    }
    resource = change.key.resource
    seen = access.view(resource, found.data).seen(written) | with_row_ids(held or {}, found.data, answered=True)
    carried = [match for match in change.all_matches if _carries(access, resource, found, match)]
    access.ledger.adopt(change.key, found.id, carried, seen, lost=lost)
    return found.id


def known_by(access: Access, change: Change, fields: Mapping[str, Held]) -> tuple[Match, ...]:
    """The natural keys that identify a record made with these fields."""
    told = change.all_matches
    return tuple(
        match
        for match in (access.matching.in_order(told) if change.key.resource == "account" else told)
        if (names(match, fields[_field(match)].value) if _field(match) in fields else match in change.matches)
    )


def names(match: Match, value: Json) -> bool:
    """Whether a field's value is the natural key's."""
    return value is not None and normalised(Match(match.field, str(value))) == normalised(match)


def _adopt_known(
    access: Access, change: Change, wanted: Wanted, match: Match, hint: Identity, outdated: set[int | None]
) -> bool:
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
    if match.field == CONTACT and hint.age > access.timing.search_lag and is_contact(access, match.value):
        # Where the contact is by now, the contact tells.
        return False
    held = {name: each.value for name, each in ledger.record(resource, hint.record_id).fields.items()}
    if wanted.is_another(match, held):
        return False
    if hint.age <= access.timing.search_lag:
        # It is not read, so the identity is not confirmed: it keeps its age.
        ledger.adopt(change.key, hint.record_id, (), {})
        return True
    found = access.read(resource, hint.record_id)
    # A company shows no contact: it stays that of an address until there is one.
    if found is None or not (match.field == CONTACT or _carries(access, resource, found, match)):
        ledger.forget(resource, match, hint.record_id)
        outdated.add(hint.record_id)
        return False
    meant = found.active and not wanted.is_another(match, found.data)
    if meant:
        adopt(access, change, found)
    return meant


def _free(access: Access, key: Key, record_id: int, match: Match) -> bool:
    """Whether no other thing of this connection, which has an id there, is that record already."""
    owner = access.ledger.owner(key.resource, record_id)
    return owner is None or owner == key or match.shared or owner.natural


def _carries(access: Access, resource: Resource, found: Found, match: Match) -> bool:
    """Whether the record shows the natural key's value."""
    if match.field == CONTACT:
        return False
    return names(match, access.view(resource, found.data).value(_field(match)))


def _field(match: Match) -> str:
    """The field in which a natural key stands."""
    return "name" if match.field == LEGAL_NAME else match.field


def _outdated(access: Access, resource: Resource, record_id: int, match: Match) -> bool:
    """Whether search shows a natural key that we have overwritten since."""
    held = access.ledger.record(resource, record_id).fields.get(_field(match))
    if match.field == CONTACT or held is None or names(match, held.value):
        return False
    found = access.read(resource, record_id)
    return found is None or not _carries(access, resource, found, match)
