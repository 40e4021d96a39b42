"""Guesses where requests tell the id of an event, which stays when it is sent again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from worker.devkit.capture.batches import batch_of
from worker.devkit.capture.capture import Capture, header_of, shared_headers
from worker.devkit.scaffold.guess import NOWHERE, Guess, field_of
from worker.devkit.scaffold.payload_paths import Path, Place
from worker.devkit.scaffold.source import call, quoted
from worker.devkit.scaffold.vocabulary import MESSAGE, MESSAGE_IDS

HEADER = re.compile(
    r"(^|-)((event|webhook|message|delivery|notification|hook)-?id|delivery)$|^(svix-id|idempotency-key)$"
)
SURE = 9
UNSURE = "; one event can't tell whether it differs from event to event: capture a second"
MOST_DIGESTED = 12


def guess_id(captures: Sequence[Capture], found: Sequence[Place], things: Collection[Path]) -> Guess | None:
    """None if nothing names the message. `things`: places that are the ids of things."""
    ranked = [*_in_payloads(found, things), *_in_headers(captures)]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def digested(found: Sequence[Place], event_type: Guess, subjects: Sequence[Guess], times: Sequence[Guess]) -> Guess:
    """Guesses an id for a sender who gives none: a digest of the fields that make the event unique."""
    named = [event_type] if event_type.shown != NOWHERE else []
    things = [guess for guess in subjects if guess.path]
    moments = [guess for guess in times if guess.path]
    if things and moments:
        why = "nothing names the message itself, so the same type, thing and time are the same event"
        parts = [*named, *(_plain(guess) for guess in (*things, *moments))]
    else:
        why = "nothing names the message itself, so the same values are the same event"
        differing = [place for place in found if _may_differ(place)] or found
        fields = [Guess("field", place.dotted, field_of(place), "", place.path) for place in differing[:MOST_DIGESTED]]
        parts = [*named, *fields]
    parts += _telling_apart(found, parts)
    if all(place.of == 1 for place in found):
        why += UNSURE
    different = {part.code: part for part in parts}
    shown = ", ".join(part.shown for part in different.values())
    return Guess("event id", shown, call("digest_of", *different), why)


def _telling_apart(found: Sequence[Place], parts: Sequence[Guess]) -> list[Guess]:
    """More fields, where those of the parts are alike in events that are not."""
    known = {part.path for part in parts}
    rows = [place.values for place in found if place.always and place.path in known]
    more: list[Guess] = []
    for place in found:
        if rows and len(set(zip(*rows, strict=True))) == place.of:
            break
        if place.always and place.path not in known and _may_differ(place):
            rows.append(place.values)
            more.append(Guess("field", place.dotted, field_of(place), "", place.path))
    return more


def _may_differ(place: Place) -> bool:
    """Of several events: whether they do. Of one, a bare word is no value that does."""
    if place.of > 1:
        return len(set(map(str, place.values))) > 1
    return not re.fullmatch(r"[a-z_]+", str(place.values[0]))


def _plain(guess: Guess) -> Guess:
    return Guess(guess.what, guess.shown, call("field", quoted(guess.shown)), guess.why, guess.path)


def _in_headers(captures: Sequence[Capture]) -> Iterator[tuple[int, Guess]]:
    """Looks only at requests with one event each: a header can't tell several events apart."""
    if any(batch_of(each.body) for each in captures):
        return
    for name in shared_headers(captures):
        if HEADER.search(name.lower()) and _distinct([header_of(each, name) for each in captures]):
            why = f"the header {name} is called like a message's id{_and_differs(captures)}"
            yield SURE - 1, Guess("event id", f"header {name}", call("header", quoted(name)), why)


def _in_payloads(found: Sequence[Place], things: Collection[Path]) -> Iterator[tuple[int, Guess]]:
    for place in found:
        score = _score(place)
        if score > 0 and place.always and place.path not in things and _distinct(place.values):
            why = f"{place.dotted} is called like a message's id{_and_differs(place.values)}"
            yield score, Guess("event id", place.dotted, field_of(place), why, place.path)


def _score(place: Place) -> int:
    name = " ".join(place.own[-2:])
    if len(place.path) == 1:
        return MESSAGE_IDS.get(name, 0)
    inside = len(place.path) == 2 and place.around & MESSAGE and name in ("id", "uuid")
    return SURE if inside else MESSAGE_IDS.get(name, 0) - 4 * len(place.path)


def _and_differs(several: Sequence[Any]) -> str:
    return " and differs from request to request" if len(several) > 1 else UNSURE


def _distinct(values: Sequence[Any]) -> bool:
    return len(set(values)) == len(values) and all(isinstance(value, str | int) for value in values)
