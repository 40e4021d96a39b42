"""Guesses which thing an event is about, and when it happened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from worker.devkit.scaffold.guess import NOWHERE, Guess, field_of
from worker.devkit.scaffold.naming import words
from worker.devkit.scaffold.payload_paths import Path, Place
from worker.devkit.scaffold.source import call, quoted
from worker.devkit.scaffold.vocabulary import (
    HAPPENING,
    NO_THINGS,
    OTHERS,
    PLANNED,
    SENDING,
    TENANTS,
    THING_IDS,
    TIMES,
    WRAPPERS,
)
from worker.sdk.event_time import instant

OLDEST, NEWEST = 2000, 2100
A_DAY = len("2026-03-02")


def guess_subject(event_type: str, found: Sequence[Place], taken: Collection[Path]) -> Guess | None:
    """None when nothing is the id of a thing."""
    nouns = frozenset(words(event_type)) - {"event", "message"}
    scored = [(_score(place, nouns), place) for place in found if place.path not in taken and _may_be_id(place)]
    score, best = max(scored, key=lambda pair: pair[0], default=(0, None))
    if best is None or score <= 0:
        return None
    sure = nouns & ({*best.own} | best.around)
    why = f"is the id of what {event_type} is about" if sure else "looks most like the id of a thing"
    code = call("joined", quoted(":"), call("constant", quoted(_noun(best, event_type))), field_of(best))
    return Guess("subject", best.dotted, code, f"{best.dotted} {why}", best.path)


def guess_time(found: Sequence[Place]) -> Guess:
    times = [each for each in found if each.always and all(map(_is_time, each.values)) and _time_score(each) > 0]
    best = max(times, key=_time_score, default=None)
    if best is not None and _of_sending(best):
        best = max((each for each in times if _is_better(each, best)), key=_time_score, default=best)
    if best is None:
        why = "no field says when it happened, so the time of receipt counts"
        return Guess("time", NOWHERE, call("constant", quoted("")), why)
    why = f"{best.dotted} is called like a time, as in {best.values[0]}"
    if _of_sending(best):
        why += "; it looks like the time of sending: is there one of what happened?"
    return Guess("time", best.dotted, field_of(best), why, best.path)


def _of_sending(place: Place) -> bool:
    return bool(set(place.own) & SENDING)


def _is_better(place: Place, sending: Place) -> bool:
    """Whether a time tells more than the time of sending: it stands beside it, or is named as the time of the event."""
    beside = place.path[:-1] == sending.path[:-1] or bool(set(place.own) & HAPPENING)
    return beside and not _of_sending(place) and not _only_days(place)


def _may_be_id(place: Place) -> bool:
    named = bool(place.own) and place.own[-1] in THING_IDS and not set(place.own) & NO_THINGS
    return named and place.always and all(_is_id(value) for value in place.values)


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _score(place: Place, nouns: frozenset[str]) -> int:
    """Prefers the id of the thing that the type names, then of one in a wrapper; avoids that of another thing."""
    about = {*place.own[:-1]} | Place(place.path[-2:], (), 0).around
    score = THING_IDS[place.own[-1]] + 1 - len(place.path)
    score += 6 * bool(about & nouns) + 2 * bool(place.around & WRAPPERS)
    score -= 3 * bool(about & (OTHERS | TENANTS) - nouns)
    return score + 2 * (len(place.path) == 1 and len(place.own) == 1)


def _noun(place: Place, event_type: str) -> str:
    """Names the kind of thing: a word of the type that stands near the id, else any word near it."""
    nouns = words(event_type)
    near = [*place.own[:-1], *(word for step in reversed(place.path[:-1]) for word in words(step))]
    telling = [word for word in near if word not in WRAPPERS]
    named = [word for word in telling if word in nouns]
    return (named or telling or [*nouns, "thing"])[0]


def _time_score(place: Place) -> int:
    best = max((TIMES.get(word, 0) for word in place.own), default=0)
    if not best or set(place.own) & PLANNED:
        return 0
    return best * 2 - len(place.path) - 8 * _only_days(place)


def _only_days(place: Place) -> bool:
    return all(isinstance(value, str) and len(value) <= A_DAY for value in place.values)


def _is_time(value: Any) -> bool:
    time = None if isinstance(value, bool) else instant(str(value))
    return time is not None and OLDEST <= time.year < NEWEST
