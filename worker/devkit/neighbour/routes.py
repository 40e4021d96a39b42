"""Finds which declared path a request asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from worker.sdk.source import Source

PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """A declared path, as patterns: of each step of the path, and of each value of the query."""

    what: Literal["get", "list", "all"]
    kind: str
    steps: Sequence[re.Pattern[str]]
    query: Mapping[str, re.Pattern[str]]
    optional: frozenset[str]
    literals: int


@dataclass(frozen=True, slots=True)
class Match:
    """`values`: what stands in the places of the declared path."""

    route: Route
    values: Mapping[str, str]


def routes(source: Source) -> Sequence[Route]:
    """The most particular first."""
    return sorted(_declared(source), key=lambda route: -route.literals)


def _declared(source: Source) -> Iterator[Route]:
    for name, kind in source.kinds.items():
        if kind.get is not None:
            yield _route("get", name, kind.get)
        if kind.changes is not None:
            if kind.changes.path is not None:
                yield _route("list", name, kind.changes.path)
            if kind.changes.everything is not None:
                yield _route("all", name, kind.changes.everything)


def _route(what: Literal["get", "list", "all"], kind: str, path: str) -> Route:
    parts = urlsplit(path)
    steps = parts.path.strip("/").split("/")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    fixed = sum(not PLACE.search(each) for each in (*steps, *query.values()))
    # What tells a moment or a page may be left out: the first page of everything.
    loose = {name for name, value in query.items() if what != "get" and PLACE.search(value)}
    return Route(
        what,
        kind,
        [_pattern(step) for step in steps],
        {name: _pattern(value) for name, value in query.items()},
        frozenset(loose),
        fixed,
    )


def _pattern(text: str) -> re.Pattern[str]:
    """`{id}` and its like stand for whatever is there. A name that comes twice is read once."""
    made, end, seen = "", 0, set[str]()
    for place in PLACE.finditer(text):
        name = place[1]
        made += re.escape(text[end : place.start()]) + (".+?" if name in seen else f"(?P<{name}>.+?)")
        seen.add(name)
        end = place.end()
    return re.compile(made + re.escape(text[end:]), re.DOTALL)


def find(known: Sequence[Route], path: str, query: Mapping[str, str]) -> Match | None:
    """`path`: as it was asked for, percent-encoded."""
    steps = [unquote(step) for step in path.strip("/").split("/")]
    return next((Match(route, found) for route in known if (found := _fits(route, steps, query)) is not None), None)


def _fits(route: Route, steps: Sequence[str], query: Mapping[str, str]) -> Mapping[str, str] | None:
    if len(steps) != len(route.steps):
        return None
    found: dict[str, str] = {}
    for pattern, step in zip(route.steps, steps, strict=True):
        if not (match := pattern.fullmatch(step)):
            return None
        found |= match.groupdict()
    for name, pattern in route.query.items():
        if name not in query and name in route.optional:
            continue
        if not (match := pattern.fullmatch(query.get(name, ""))):
            return None
        found |= match.groupdict()
    return found
