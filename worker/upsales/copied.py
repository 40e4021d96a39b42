"""Answers look-ups of many things from a copy of an account's records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from schemas.composed import composed
from worker.plan import Match, Resource, normalised
from worker.sync.matching import PHONE, fields_of
from worker.sync.read_through import ReadThrough
from worker.sync.records import Answer, Found, Json, Permit
from worker.upsales.client import Upsales
from worker.upsales.filters import carries, spellings

MOST = 1_000_000
COPIED: Sequence[Resource] = ("account", "contact", "order")
LAST_DIGITS = 6
WORDS = re.compile(r"\w+")
Index: TypeAlias = Mapping[str, Sequence[Found]]


@dataclass(slots=True)
class CopiedUpsales(ReadThrough):
    """Upsales as a dry run of many things sees it. All records of a kind are read when the first of them is asked for.

    It shows what a search would show: whatever is written in one of the spellings that are asked for.
    """

    real: Upsales
    _records: dict[Resource, Mapping[int, Found]] = field(default_factory=dict)
    _indexes: dict[tuple[Resource, str, bool], Index] = field(default_factory=dict)

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        if resource not in COPIED or match.field.startswith("custom."):
            return self.real.search(resource, match)
        asked = {value.casefold() for value in spellings(match)}
        return [
            found
            for found in self._like(resource, match)
            if carries(resource, found.data, match)
            and (match.within or any(shown.casefold() in asked for shown in _texts(resource, match, found)))
        ]

    def search_any(self, resource: Resource, matches: Sequence[Match]) -> Sequence[Found]:
        found = {record.id: record for match in matches for record in self.search(resource, match)}
        return list(found.values())

    def get(self, resource: Resource, record_id: int) -> Found:
        known = self._all(resource).get(record_id) if resource in COPIED else None
        return known or self.real.get(resource, record_id)

    def admit(self) -> Permit:
        raise NotImplementedError("nothing is written through a copy")

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer:
        raise NotImplementedError("nothing is written through a copy")

    def update(
        self,
        permit: Permit,
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,
    ) -> Answer:
        raise NotImplementedError("nothing is written through a copy")

    def _all(self, resource: Resource) -> Mapping[int, Found]:
        if resource not in self._records:
            self._records[resource] = {found.id: found for found in self.real.every(resource, MOST)}
        return self._records[resource]

    def _like(self, resource: Resource, match: Match) -> Sequence[Found]:
        """Those that may carry it: of a text, the ones that have its longest word."""
        index = self._index(resource, match)
        if not match.within:
            return index.get(_key(match), ())
        words = _words(match.value)
        return index.get(max(words, key=len), ()) if words else tuple(self._all(resource).values())

    def _index(self, resource: Resource, match: Match) -> Index:
        name = (resource, match.field, match.within)
        if name not in self._indexes:
            made: dict[str, list[Found]] = {}
            for found in self._all(resource).values():
                texts = _texts(resource, match, found)
                words = {word for shown in texts for word in _words(shown)} if match.within else set()
                for key in words or {_key(Match(match.field, shown)) for shown in texts}:
                    made.setdefault(key, []).append(found)
            self._indexes[name] = made
        return self._indexes[name]


def _texts(resource: Resource, match: Match, found: Found) -> Sequence[str]:
    """What a record shows where the natural key may stand."""
    return [composed(str(found.data.get(name) or "")).strip() for name in fields_of(resource, match)]


def _key(match: Match) -> str:
    """A number is typed with a country code and without."""
    return "".join(filter(str.isdigit, match.value))[-LAST_DIGITS:] if match.field == PHONE else normalised(match)


def _words(text: str) -> set[str]:
    return set(WORDS.findall(composed(text).casefold()))
