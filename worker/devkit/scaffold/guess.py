"""Defines a guess: what it is about, what it comes to as code, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.devkit.scaffold.answers import SourceGuess
from worker.devkit.scaffold.payload_paths import Path, Place
from worker.devkit.scaffold.source import call, quoted

NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Guess:
    """`shown`: where it was found, for people. `path`: the place in the payload, if it is one."""

    what: str
    shown: str
    code: str
    why: str
    path: Path = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeGuess:
    """All guesses about the events of one type. `meanings`: what a field says of people and things."""

    event_type: str
    subject: Guess
    time: Guess
    meanings: Mapping[str, Guess]
    about_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """`secret_headers`: those that carry the secret itself. `source`: how its API is read. `split`: where a body holds its events (`batch_of`)."""

    signature: Guess
    event_type: Guess
    event_id: Guess
    types: tuple[TypeGuess, ...]
    split: str = ""
    is_form: bool = False
    secret_headers: tuple[str, ...] = ()
    source: SourceGuess | None = None


def field_of(place: Place) -> str:
    return call("field", quoted(place.dotted))
