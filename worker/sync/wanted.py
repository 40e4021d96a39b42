"""Tells by which natural keys a record is looked for, and by which it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.plan import Ambiguous, Key, Match
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.matching import CONTACT_PHONE, agrees, contradicts, fields_of, is_somebody_else
from worker.sync.records import Held, Json


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record that is looked for. `told`: all natural keys that are known of it, `matches`: those that it is searched by."""

    key: Key
    matches: tuple[Match, ...]
    told: tuple[Match, ...]
    ambiguous: Ambiguous = "review"

    @property
    def named(self) -> bool:
        """Whether a name of the company is told."""
        return any(match.field == "name" for match in self.told)

    def is_another(self, match: Match, data: Mapping[str, Json]) -> bool:
        """Whether what was found by a natural key is not the company or the person who is meant, by what else is told."""
        if self.key.resource == "contact":
            return is_somebody_else(match, self.told, data)
        return self.key.resource == "account" and contradicts(match, self.told, data)


def wanted_by(access: Access, change: Change) -> Wanted:
    """What a change looks for. Companies are looked for by one rule, whichever connector tells of them."""
    matches = told = change.matches
    if change.key.resource == "account":
        # What one request tells of a company in several events is used together.
        told = change.all_matches
        matches = access.matching.in_order(told)
    return Wanted(change.key, matches, told, access.matching.ambiguous or change.ambiguous)


def known_by(access: Access, change: Change, fields: Mapping[str, Held]) -> tuple[Match, ...]:
    """The natural keys by which a record with these fields is found from now on.

    A natural key that is no field of it counts if the record was searched by it.
    """
    told, resource = change.all_matches, change.key.resource
    return tuple(
        match
        for match in (access.matching.in_order(told) if resource == "account" else told)
        if match.field != CONTACT_PHONE and _is_known(match, fields_of(resource, match), change, fields)
    )


def _is_known(match: Match, names: Sequence[str], change: Change, fields: Mapping[str, Held]) -> bool:
    there = [fields[name].value for name in names if name in fields]
    return any(agrees(match, value) for value in there) if there else match in change.matches
