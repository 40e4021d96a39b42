"""Guesses how a sender's API is read, from answers that were recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from worker.sdk.event_time import instant

KIND = re.compile(r"[a-z][a-z0-9_]*")
LINES = frozenset({"lines", "items", "rows", "products", "articles", "rader", "orderrows"})
ARTICLE = frozenset({"sku", "article", "articleno", "artikel", "artikelnr"})
PIECES = frozenset({"quantity", "qty", "count", "antal", "pieces"})
NUMBERS = frozenset({"number", "nr", "no", "nummer", "reference"})
CHANGED = frozenset({"updated", "modified", "changed", "uppdaterad"})
ADDRESS = re.compile(r"https://[\w.-]+")
COUNTED = re.compile(r"[._-]\d+$")
"""What tells one answer of a kind from another: `rental.55021.json`."""


@dataclass(frozen=True, slots=True)
class KindGuess:
    """One kind of thing. `at`: where it stands in the answer; `id`: where its id is taken from, as code; `found`: that place.

    `of_webhook`: whether the webhook names it, or what was read before. `changed`: what tells when it last changed.
    """

    name: str
    at: str
    id: str
    why: str
    found: Path
    of_webhook: bool
    answers: tuple[Any, ...]
    changed: str = ""
    secrets: tuple[str, ...] = ()

    @property
    def things(self) -> list[Any]:
        return [_inside(answer, self.at) for answer in self.answers]

    def answer_of(self, thing: str) -> Any:
        """The one whose own id that is; None where it was not recorded."""
        return next((each for each in self.answers if thing in map(str, _ids(_inside(each, self.at)))), None)


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
    number: Path | None = None

    @property
    def is_made_up(self) -> bool:
        """Whether no answer tells the API's address."""
        return self.url.endswith(".example") and not any(self.url in str(kind.answers) for kind in self.kinds)


def read_answers(files: Sequence[File]) -> dict[str, list[Any]]:
    """By kind, which is what a file is called: `rental.json`, or `rental.55021.json` where there are several. Raises ConfigError."""
    found: dict[str, list[Any]] = {}
    for file in files:
        name = COUNTED.sub("", file.stem).lower().replace("-", "_")
        if not KIND.fullmatch(name):
            raise ConfigError(f"{file}: call it after the kind of thing that it holds: contract.json")
        found.setdefault(name, []).append(read_json(file))
    return found


def guessed_source(name: str, payloads: Sequence[Any], answers: Mapping[str, Sequence[Any]]) -> SourceGuess:
    """`answers`: those of each kind. Raises ConfigError where nothing says how one of the answers was asked for."""
    kinds = tuple(_in_order(payloads, answers))
    told = [{kind.name: thing} for kind in kinds for thing in kind.things]
    lines = next((found for each in told for found in _lines(each, ())), None)
    number = _number(lines.path[:-1], told) if lines else None
    return SourceGuess(_url(name, answers), kinds, meanings(places(told), ()), lines, number)


def answers_for(source: SourceGuess, payloads: Sequence[Any]) -> dict[str, Any]:
    """What a case with these payloads has in `read`, by name. Raises ConfigError that names what was not recorded."""
    found: dict[str, dict[str, Any]] = {}
    for payload in payloads:
        read: dict[str, Any] = {}
        for kind in source.kinds:
            thing = _at(payload if kind.of_webhook else read, kind.found)
            if thing is None:
                continue
            answer = kind.answer_of(str(thing))
            if answer is None:
                raise ConfigError(f"no answer is that of {kind.name} {thing}")
            read[kind.name] = _inside(answer, kind.at)
            found.setdefault(kind.name, {})[str(thing)] = answer
    return {
        (name if len(own) == 1 else f"{name}.{thing}"): answer
        for name, own in found.items()
        for thing, answer in own.items()
    }


def _inside(answer: Any, at: str) -> Any:
    return answer[at] if at else answer


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _in_order(payloads: Sequence[Any], answers: Mapping[str, Sequence[Any]]) -> Iterator[KindGuess]:
    """First what the webhooks name, then what was read names."""
    left, read = dict(answers), list[Any]()
    while left:
        kind = next(_next(payloads, left, read), None)
        if kind is None:
            raise ConfigError(
                f"nothing in the captured requests or in the other answers is the id of {', '.join(sorted(left))}: "
                "call each file after its kind (contract.json, contract.2.json), and record the answers of the captured events"
            )
        # Of what is read first alone: the values of the others are older than the event.
        yield kind if not read else replace(kind, changed="")
        read += [{kind.name: thing} for thing in kind.things]
        del left[kind.name]


def _next(payloads: Sequence[Any], left: Mapping[str, Sequence[Any]], read: Sequence[Any]) -> Iterator[KindGuess]:
    for find, found, what in (
        ("field", places(payloads), "the webhook's"),
        ("read_field", places(read), "what was read:"),
    ):
        for name, answers in left.items():
            at = _wrapper(name, answers)
            things = [_inside(answer, at) for answer in answers]
            ids = {str(value) for thing in things for value in _ids(thing)}
            place = next((each for each in _ranked(found, name) if {str(v) for v in each.values} & ids), None)
            if place is not None:
                secrets = dict.fromkeys(path.rpartition(".")[2] for each in answers for path in carried(each, [each]))
                yield KindGuess(
                    name,
                    at,
                    call(find, quoted(place.dotted)),
                    f"{what} {place.dotted} is the id that the answer has",
                    place.path,
                    find == "field",
                    tuple(answers),
                    _changed(things),
                    tuple(secrets),
                )


def _ranked(found: Sequence[Place], name: str) -> list[Place]:
    """Where the kind is named comes first."""
    own = set(words(name))
    return sorted(found, key=lambda place: not own & (place.around | set(place.own)))


def _wrapper(name: str, answers: Sequence[Any]) -> str:
    """What all answers of the kind have the thing under; empty where it stands by itself."""
    if not all(isinstance(answer, Mapping) for answer in answers):
        raise ConfigError(f"the answer for {name} is no object: record that of one thing, not of a list")
    own = WRAPPERS | set(words(name))
    first, *others = ([key for key, value in each.items() if isinstance(value, Mapping)] for each in answers)
    inner = [key for key in first if set(words(key)) <= own and all(key in other for other in others)]
    return inner[0] if len(inner) == 1 and not any(map(_ids, answers)) else ""


def _changed(things: Sequence[Any]) -> str:
    named = [key for key in things[0] if set(words(key)) & CHANGED]
    return next((key for key in named if all(instant(str(thing.get(key))) for thing in things)), "")


def _number(around: Path, told: Sequence[Any]) -> Path | None:
    """What the thing with the rows is called by people."""
    for thing in filter(None, (_at(each, around) for each in told)):
        for key, value in thing.items():
            if words(key) and words(key)[-1] in NUMBERS and isinstance(value, str | int) and len(words(key)) <= 2:
                return (*around, key)
    return None


def _ids(thing: Any) -> list[Any]:
    """The values by which the thing may be asked for."""
    named = [
        (THING_IDS[words(key)[-1]], value)
        for key, value in thing.items()
        if words(key) and len(words(key)) == 1 and words(key)[-1] in THING_IDS and isinstance(value, str | int)
    ]
    return [value for _, value in sorted(named, key=lambda pair: -pair[0])]


def _url(name: str, answers: Mapping[str, Any]) -> str:
    """An address in an answer may be a customer's, who must not be sent the token: the sender's own has its name."""
    plain = "".join(words(name))
    told = (match[0] for match in ADDRESS.finditer(str(answers)))
    own = (url for url in told if plain in "".join(words(url.partition("://")[2])))
    return next(own, f"https://api.{name}.example")


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
