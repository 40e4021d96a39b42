"""Guesses where requests tell the type of their events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.devkit.capture.capture import Capture, header_of, shared_headers
from worker.devkit.scaffold.guess import NOWHERE, Guess, field_of
from worker.devkit.scaffold.payload_paths import Place
from worker.devkit.scaffold.source import call, quoted
from worker.devkit.scaffold.vocabulary import MESSAGE, TYPES

HEADER = re.compile(r"(^|-)(topic|event|event-?(type|name|key))$")
IN_HEADER = "header "
SURE = 8
"""How sure it is that a header of that name, or a field of an object that tells of the message, is the type."""


def guess_type(captures: Sequence[Capture], shared: Sequence[Place]) -> Guess:
    """`shared`: the places that all payloads have."""
    found = [*_in_headers(captures), *_in_payloads(shared)]
    if found:
        return max(found, key=lambda pair: pair[0])[1]
    why = "nothing tells one type of event from another, so all are of one type"
    return Guess("event type", NOWHERE, call("constant", quoted("message")), why)


def type_of(guess: Guess, capture: Capture, payload: Any) -> str:
    if guess.shown.startswith(IN_HEADER):
        return header_of(capture, guess.shown.removeprefix(IN_HEADER))
    for step in guess.path:
        payload = payload[step]
    return str(payload).strip() if guess.path else "message"


def by_type(captures: Sequence[Capture], event_type: Guess) -> Mapping[str, list[Any]]:
    """The payloads of each type."""
    found: dict[str, list[Any]] = {}
    for capture in captures:
        for payload in capture.payloads:
            found.setdefault(type_of(event_type, capture, payload), []).append(payload)
    return found


def _in_headers(captures: Sequence[Capture]) -> Iterator[tuple[int, Guess]]:
    for name in shared_headers(captures):
        if HEADER.search(name.lower()):
            why = f"the header {name} is called like a type, as in {header_of(captures[0], name)}"
            yield SURE, Guess("event type", f"{IN_HEADER}{name}", call("header", quoted(name)), why)


def _in_payloads(shared: Sequence[Place]) -> Iterator[tuple[int, Guess]]:
    for place in shared:
        score = _score(place)
        if score > 0 and all(map(_may_be_type, place.values)):
            score += 3 * all(re.search(r"[._:/]", value) for value in place.values)
            why = f"{place.dotted} is called like a type, as in {place.values[0]}"
            yield score, Guess("event type", place.dotted, field_of(place), why, place.path)


def _score(place: Place) -> int:
    name = " ".join(place.own)
    if len(place.path) == 1:
        return TYPES.get(name, 0)
    inside = len(place.path) == 2 and place.around & MESSAGE and name in ("name", *TYPES)
    return SURE if inside else TYPES.get(name, 0) - 3 * len(place.path)


def _may_be_type(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 80 and " " not in value.strip() and any(c.isalpha() for c in value)
