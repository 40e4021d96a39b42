"""Where requests tell their event's id, type, subject and time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.devkit.captures import Capture
from worker.devkit.code import Call, Code, quoted
from worker.devkit.guess import Guess
from worker.devkit.naming import words
from worker.devkit.places import Place, places
from worker.reading import instant

TYPE_HEADER = re.compile(r"(^|-)(topic|event|event-?(type|name|key))$")
ID_HEADER = re.compile(
    r"(^|-)(event|webhook|message|delivery|notification|request|hook)-?id$|-delivery$|^idempotency-key$"
)

TYPES = {
    "event type": 10,
    "event name": 10,
    "webhook event": 10,
    "event": 9,
    "topic": 8,
    "type": 8,
    "trigger": 6,
    "action": 5,
    "kind": 5,
}
TYPE_PARENTS = frozenset("event meta webhook message header notification".split())
IDS = {
    "event id": 10,
    "webhook id": 9,
    "delivery id": 9,
    "message id": 9,
    "notification id": 9,
    "event uuid": 9,
    "uuid": 7,
    "id": 5,
}
THING_IDS = {
    "id": 4,
    "uuid": 4,
    "guid": 4,
    "number": 3,
    "reference": 3,
    "token": 3,
    "no": 3,
    "ref": 2,
    "code": 1,
    "key": 1,
}
WRAPPERS = frozenset("data object payload resource entity record item attributes body event result".split())
PEOPLE = frozenset("customer contact person user client company organization account buyer owner agent".split())
TENANTS = frozenset(
    "shop store tenant workspace organization organisation team form app site portal environment".split()
)
TIMES = {"occurred": 10, "timestamp": 9, "time": 9, "event": 9, "sent": 8, "updated": 8, "modified": 8, "changed": 8, "created": 7, "submitted": 7, "ts": 6, "completed": 6, "at": 3, "date": 3, "when": 3}  # fmt: skip
PLANNED = frozenset(
    "start starts end ends due expires expiry expected birth valid delivery scheduled deadline until next from to".split()
)
OLDEST, NEWEST = 2000, 2100
MOST_DIGESTED = 12


def guess_type(captures: Sequence[Capture], found: Sequence[Place]) -> Guess:
    ranked = sorted(_typed(captures, found), key=lambda pair: -pair[0])
    if ranked:
        return ranked[0][1]
    why = "nothing tells one type of event from another, so all are of one type"
    return Guess("event type", "–", Call("constant", (quoted("message"),)), why)


def _typed(captures: Sequence[Capture], found: Sequence[Place]) -> Iterator[tuple[int, Guess]]:
    for name in _shared_headers(captures):
        if TYPE_HEADER.search(name.lower()):
            why = f"the header {name} is called like a type, as in {_header(captures[0], name)}"
            yield 8, Guess("event type", f"header {name}", Call("header", (quoted(name),)), why)
    for place in (each for each in found if each.always and len(each.path) <= 2 and all(map(_is_type, each.values))):
        own = " ".join(place.own)
        score = TYPES.get(own, 0)
        if len(place.path) == 2:
            inside = bool(place.around & TYPE_PARENTS)
            score = 8 if inside and own in ("name", *TYPES) else score - 3
        if score > 0:
            score += 3 * all(re.search(r"[._:/]", value) for value in place.values)
            why = f"{place.dotted} is called like a type, as in {place.values[0]}"
            yield score, Guess("event type", place.dotted, _field(place), why, place.path)


def _is_type(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 80 and " " not in value.strip() and any(c.isalpha() for c in value)


def type_of(guess: Guess, capture: Capture, payload: Any) -> str:
    if guess.path:
        for step in guess.path:
            payload = payload[step]
        return str(payload).strip()
    return _header(capture, guess.shown.removeprefix("header ")) if guess.shown.startswith("header ") else "message"


def guess_id(
    captures: Sequence[Capture],
    found: Sequence[Place],
    event_type: Guess,
    subjects: Sequence[Guess],
    times: Sequence[Guess],
) -> Guess:
    used = {guess.path for guess in subjects}
    ranked = sorted(_identified(captures, found, used), key=lambda pair: -pair[0])
    if ranked:
        return ranked[0][1]
    parts: dict[str, Code] = {event_type.shown: event_type.code} if event_type.shown != "–" else {}
    parts |= {place.dotted: _field(place) for place in found if place.path in used}
    moments = {place.dotted: _field(place) for place in found if place.path in {guess.path for guess in times}}
    why = "nothing names the message itself, so the same type, thing and time are the same event"
    if not moments or not parts.keys() - {event_type.shown}:
        moments = {place.dotted: _field(place) for place in found[:MOST_DIGESTED]}
        why = "nothing names the message itself, so the same values are the same event"
    parts |= moments
    return Guess("event id", ", ".join(parts), Call("digest_of", tuple(parts.values())), why)


def _identified(
    captures: Sequence[Capture], found: Sequence[Place], used: set[tuple[str, ...]]
) -> Iterator[tuple[int, Guess]]:
    for name in _shared_headers(captures):
        if (
            ID_HEADER.search(name.lower())
            and _distinct([_header(each, name) for each in captures])
            and all(len(each.payloads) == 1 for each in captures)
        ):
            score = 5 if name.lower().endswith("request-id") else 8
            yield (
                score,
                Guess(
                    "event id",
                    f"header {name}",
                    Call("header", (quoted(name),)),
                    f"the header {name} is called like a message's id{AND_DIFFERS[len(captures) > 1]}",
                ),
            )
    for place in (each for each in found if each.always and len(each.path) <= 2 and each.path not in used):
        own = " ".join(place.own)
        inside = len(place.path) == 2 and bool(place.around & (TYPE_PARENTS - {"message"} | {"message"}))
        score = 9 if inside and own in ("id", "uuid") else IDS.get(own, 0) - 4 * (len(place.path) - 1)
        if score > 0 and _distinct(place.values) and all(isinstance(value, str | int) for value in place.values):
            yield (
                score,
                Guess(
                    "event id",
                    place.dotted,
                    _field(place),
                    f"{place.dotted} is called like a message's id{AND_DIFFERS[len(place.values) > 1]}",
                    place.path,
                ),
            )


AND_DIFFERS = {True: " and differs from request to request", False: ""}


def guess_subject(event_type: str, found: Sequence[Place], taken: set[tuple[str, ...]]) -> tuple[str, Guess] | None:
    """The noun of the thing and where its id stands. None when nothing has an id."""
    nouns = set(words(event_type)) - {"event", "message"}
    scored = [
        (score, place) for place in found if (score := _subject_score(place, nouns)) > 0 and place.path not in taken
    ]
    if not scored:
        return None
    score, place = max(scored, key=lambda pair: pair[0])
    noun = _noun(place, event_type)
    why = (
        f"{place.dotted} is the id of what {event_type} is about"
        if nouns & ({*place.own} | place.around)
        else f"{place.dotted} looks most like the id of the thing"
    )
    return noun, Guess(
        "subject",
        place.dotted,
        Call("joined", (quoted(":"), Call("constant", (quoted(noun),)), _field(place))),
        why,
        place.path,
    )


def _subject_score(place: Place, nouns: set[str]) -> int:
    last = THING_IDS.get(place.own[-1] if place.own else "", 0)
    if (
        not last
        or not place.always
        or not all(isinstance(value, str | int) and not isinstance(value, bool) for value in place.values)
    ):
        return 0
    about = {*place.own[:-1]} | Place(place.path[-2:], (), 0).around
    score = last + 1 + 6 * bool(about & nouns) + 2 * bool(place.around & WRAPPERS) - len(place.path) * 1
    score -= 3 * bool(about & (PEOPLE | TENANTS) - nouns)
    return score + 2 * (len(place.path) == 1 and len(place.own) == 1)


def _noun(place: Place, event_type: str) -> str:
    nouns = words(event_type)
    own = [*place.own[:-1], *reversed([word for step in place.path[:-1] for word in words(step)])]
    telling = [word for word in own if word not in WRAPPERS]
    return next((word for word in telling if word in nouns), telling[0] if telling else nouns[0] if nouns else "thing")


def guess_time(found: Sequence[Place]) -> Guess:
    scored = [(score, place) for place in found if (score := _time_score(place)) > 0]
    if not scored:
        return Guess(
            "time", "–", Call("constant", (quoted(""),)), "no field says when it happened: the time of receipt counts"
        )
    _, place = max(scored, key=lambda pair: pair[0])
    return Guess(
        "time",
        place.dotted,
        _field(place),
        f"{place.dotted} is called like a time, as in {place.values[0]}",
        place.path,
    )


def _time_score(place: Place) -> int:
    best = max((TIMES.get(word, 0) for word in place.own), default=0)
    if not best or not place.always or set(place.own) & PLANNED or not all(map(_is_time, place.values)):
        return 0
    return best * 2 - len(place.path) - 8 * all(isinstance(value, str) and len(value) <= 10 for value in place.values)


def _is_time(value: Any) -> bool:
    time = None if isinstance(value, bool) else instant(str(value))
    return time is not None and OLDEST <= time.year < NEWEST


def _field(place: Place) -> Code:
    return Call("field", (quoted(place.dotted),))


def _shared_headers(captures: Sequence[Capture]) -> list[str]:
    first, *others = (each.headers for each in captures)
    return [name for name in first if all(name.lower() in {each.lower() for each in other} for other in others)]


def _header(capture: Capture, name: str) -> str:
    return next((value for each, value in capture.headers.items() if each.lower() == name.lower()), "")


def _distinct(values: Sequence[Any]) -> bool:
    return len(set(values)) == len(values)


def in_all(payloads: Sequence[Any]) -> list[Place]:
    """The places that all payloads share."""
    return [place for place in places(payloads) if place.always]


def by_type(captures: Sequence[Capture], event_type: Guess) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for capture in captures:
        for payload in capture.payloads:
            found.setdefault(type_of(event_type, capture, payload), []).append(payload)
    return found
