"""Finds companies whose names differ in nothing but the legal form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from worker.plan import Match, folded, without_legal_form
from worker.sync.matching import LEGAL_NAME, contradicts
from worker.sync.records import Found, Json


def taken_as_one(companies: Iterable[Found]) -> Sequence[frozenset[int]]:
    """The ids of those that `name = "legal_form"` would take as one, and exact names would not: neither number nor web page tells them apart."""
    alike: dict[str, list[Found]] = defaultdict(list)
    for company in companies:
        if company.active and (name := _name(company.data)):
            alike[without_legal_form(name)].append(company)
    return [found for group in alike.values() if (found := frozenset(_not_apart(group)))]


def _not_apart(group: Sequence[Found]) -> Iterator[int]:
    """Each kind of company counts once, however many there are of it: thousands may have one name."""
    kinds: dict[tuple[str, ...], list[int]] = defaultdict(list)
    shown: dict[tuple[str, ...], Found] = {}
    for company in group:
        kind = (folded(_name(company.data)), *(match.value for match in _others(company.data)))
        kinds[kind].append(company.id)
        shown[kind] = company
    for one, other in combinations(kinds, 2):
        if one[0] != other[0] and _may_be_one(shown[one].data, shown[other].data):
            yield from kinds[one]
            yield from kinds[other]


def _may_be_one(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    name = Match(LEGAL_NAME, _name(one))
    return not contradicts(name, [name, *_others(one)], other)


def _name(company: Mapping[str, Json]) -> str:
    return str(company.get("name") or "").strip()


def _others(company: Mapping[str, Json]) -> Sequence[Match]:
    told = (Match(field, str(company.get(field) or "").strip()) for field in ("orgNo", "webpage"))
    return [match for match in told if match.value]
