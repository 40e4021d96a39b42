"""Which thing an event is about, and when it happened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from worker.devkit.code import Call, quoted
from worker.devkit.guess import NOWHERE, Guess, field_of
from worker.devkit.lexicon import NO_THINGS, OTHERS, PLANNED, TENANTS, THING_IDS, TIMES, WRAPPERS
from worker.devkit.naming import words
from worker.devkit.places import Path, Place
from worker.reading import instant

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
    code = Call("joined", (quoted(":"), Call("constant", (quoted(_noun(best, event_type)),)), field_of(best)))
    return Guess("subject", best.dotted, code, f"{best.dotted} {why}", best.path)


def guess_time(found: Sequence[Place]) -> Guess:
    scored = [(_time_score(place), place) for place in found if place.always and all(map(_is_time, place.values))]
    score, best = max(scored, key=lambda pair: pair[0], default=(0, None))
    if best is None or score <= 0:
        why = "no field says when it happened, so the time of receipt counts"
        return Guess("time", NOWHERE, Call("constant", (quoted(""),)), why)
    why = f"{best.dotted} is called like a time, as in {best.values[0]}"
    return Guess("time", best.dotted, field_of(best), why, best.path)


def _may_be_id(place: Place) -> bool:
    named = bool(place.own) and place.own[-1] in THING_IDS and not set(place.own) & NO_THINGS
    return named and place.always and all(_is_id(value) for value in place.values)


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _score(place: Place, nouns: frozenset[str]) -> int:
    """Best the id of what the type names, then of what lies in a wrapper; hardly that of somebody else."""
    about = {*place.own[:-1]} | Place(place.path[-2:], (), 0).around
    score = THING_IDS[place.own[-1]] + 1 - len(place.path)
    score += 6 * bool(about & nouns) + 2 * bool(place.around & WRAPPERS)
    score -= 3 * bool(about & (OTHERS | TENANTS) - nouns)
    return score + 2 * (len(place.path) == 1 and len(place.own) == 1)


def _noun(place: Place, event_type: str) -> str:
    """What kind of thing it is the id of: a word of the type that stands near it, else one that stands near it."""
    nouns = words(event_type)
    near = [*place.own[:-1], *(word for step in reversed(place.path[:-1]) for word in words(step))]
    telling = [word for word in near if word not in WRAPPERS]
    named = [word for word in telling if word in nouns]
    return (named or telling or [*nouns, "thing"])[0]


def _time_score(place: Place) -> int:
    best = max((TIMES.get(word, 0) for word in place.own), default=0)
    if not best or set(place.own) & PLANNED:
        return 0
    only_days = all(isinstance(value, str) and len(value) <= A_DAY for value in place.values)
    return best * 2 - len(place.path) - 8 * only_days


def _is_time(value: Any) -> bool:
    time = None if isinstance(value, bool) else instant(str(value))
    return time is not None and OLDEST <= time.year < NEWEST
