"""Guesses how a sender's API is read, from answers that were recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from worker.devkit.conformance.paths import read_json
from worker.devkit.conformance.secret_words import carried
from worker.devkit.scaffold.guess import Guess
from worker.devkit.scaffold.meanings import meanings
from worker.devkit.scaffold.naming import words
from worker.devkit.scaffold.payload_paths import Path, Place, places
from worker.devkit.scaffold.source import call, quoted
from worker.devkit.scaffold.vocabulary import AMOUNTS, THING_IDS, WRAPPERS
from worker.errors import ConfigError

KIND = re.compile(r"[a-z][a-z0-9_]*")
LINES = frozenset({"lines", "items", "rows", "products", "articles", "rader", "orderrows"})
ARTICLE = frozenset({"sku", "article", "articleno", "artikel", "artikelnr"})
PIECES = frozenset({"quantity", "qty", "count", "antal", "pieces"})
ADDRESS = re.compile(r"https://[\w.-]+")


@dataclass(frozen=True, slots=True)
class KindGuess:
    """One kind of thing. `at`: where it stands in the answer; `id`: where its id is taken from, as code."""

    name: str
    at: str
    id: str
    why: str
    answer: Any
    thing: Any
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinesGuess:
    """The rows of an order: the array's path, and what its fields are called."""

    path: Path
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceGuess:
    """`kinds`: in the order in which they are read. `said`: what their things say, by meaning; a path begins with the kind."""

    url: str
    kinds: tuple[KindGuess, ...]
    said: Mapping[str, Guess]
    lines: LinesGuess | None


def read_answers(files: Sequence[File]) -> dict[str, Any]:
    """By kind, which is what a file is called. Raises ConfigError."""
    found: dict[str, Any] = {}
    for file in files:
        name = file.name.partition(".")[0].lower().replace("-", "_")
        if not KIND.fullmatch(name):
            raise ConfigError(f"{file}: call it after the kind of thing that it holds: contract.json")
        found[name] = read_json(file)
    return found


def guessed_source(name: str, payloads: Sequence[Any], answers: Mapping[str, Any]) -> SourceGuess:
    """Raises ConfigError where nothing says how one of the answers was asked for."""
    kinds = tuple(_in_order(payloads, answers))
    told = {kind.name: kind.thing for kind in kinds}
    found = places([told])
    lines = next(_lines(told, ()), None)
    return SourceGuess(_url(name, answers), kinds, meanings(found, ()), lines)


def _in_order(payloads: Sequence[Any], answers: Mapping[str, Any]) -> Iterator[KindGuess]:
    """First what the webhooks name, then what was read names."""
    left, read = dict(answers), dict[str, Any]()
    while left:
        name, kind = next(_next(payloads, left, read), ("", None))
        if kind is None:
            names = ", ".join(sorted(left))
            raise ConfigError(
                f"nothing in the captured requests or in the other answers is the id of {names}; record the answers of one event"
            )
        yield kind
        read[name] = kind.thing
        del left[name]


def _next(payloads: Sequence[Any], left: Mapping[str, Any], read: Mapping[str, Any]) -> Iterator[tuple[str, KindGuess]]:
    webhooks, known = places(payloads), places([read]) if read else []
    for find, found, what in (("field", webhooks, "the webhook's"), ("read_field", known, "what was read:")):
        for name, answer in left.items():
            at = _wrapper(name, answer)
            thing = answer[at] if at else answer
            ids = {str(value) for value in _ids(thing)}
            place = next((each for each in _ranked(found, name) if {str(v) for v in each.values} & ids), None)
            if place is not None:
                secrets = tuple(dict.fromkeys(path.rpartition(".")[2] for path in carried(answer, [answer])))
                why = f"{what} {place.dotted} is the id that the answer has"
                yield name, KindGuess(name, at, call(find, quoted(place.dotted)), why, answer, thing, secrets)


def _ranked(found: Sequence[Place], name: str) -> list[Place]:
    """Where the kind is named comes first."""
    own = set(words(name))
    return sorted(found, key=lambda place: not own & (place.around | set(place.own)))


def _wrapper(name: str, answer: Any) -> str:
    if not isinstance(answer, Mapping):
        raise ConfigError(f"the answer for {name} is no object: record that of one thing, not of a list")
    inner = [
        key for key, value in answer.items() if isinstance(value, Mapping) and set(words(key)) <= WRAPPERS | {name}
    ]
    return inner[0] if len(inner) == 1 and not _ids(answer) else ""


def _ids(thing: Any) -> list[Any]:
    """The values by which the thing may be asked for."""
    named = [
        (THING_IDS[words(key)[-1]], value)
        for key, value in thing.items()
        if words(key) and len(words(key)) == 1 and words(key)[-1] in THING_IDS and isinstance(value, str | int)
    ]
    return [value for _, value in sorted(named, key=lambda pair: -pair[0])]


def _url(name: str, answers: Mapping[str, Any]) -> str:
    match = ADDRESS.search(str(answers))
    return match[0] if match else f"https://api.{name}.example"


def _lines(value: Any, path: Path) -> Iterator[LinesGuess]:
    """An array of objects with a price."""
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        if isinstance(inner, list) and inner and all(isinstance(each, Mapping) for each in inner):
            if LINES & set(words(key)):
                fields = _fields(inner)
                if "price" in fields:
                    yield LinesGuess((*path, key), fields)
        else:
            yield from _lines(inner, (*path, key))


def _fields(lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    shared = [key for key in lines[0] if all(key in each for each in lines)]
    found: dict[str, str] = {}
    for what, names in (
        ("quantity", PIECES),
        ("article", ARTICLE),
        ("id", frozenset({"id"})),
        ("price", AMOUNTS - PIECES),
    ):
        own = [key for key in shared if set(words(key)) & names and key not in found.values()]
        if own:
            found[what] = next((key for key in own if "price" in words(key)), own[0])
    return found
