"""All that can be guessed of a sender from its captured requests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from worker.devkit import envelope
from worker.devkit.captures import Capture
from worker.devkit.code import Call, quoted
from worker.devkit.guess import Guess, Guesses, TypeGuess
from worker.devkit.meanings import meanings
from worker.devkit.naming import words
from worker.devkit.places import Path, places
from worker.devkit.proofs import proof

PERSONS = frozenset(
    "customer contact person user member subscriber client company account profile organization".split()
)


def guessed(connector: str, captures: Sequence[Capture]) -> Guesses:
    payloads = list(chain.from_iterable(each.payloads for each in captures))
    shared = envelope.in_all(payloads)
    event_type = envelope.guess_type(captures, shared)
    by_type = envelope.by_type(captures, event_type)
    ids = _named_ids(captures, payloads, event_type)
    types = tuple(_type(name, by_type[name], {event_type.path, *ids}) for name in sorted(by_type))
    subjects, times = [each.subject for each in types], [each.time for each in types]
    event_id = envelope.guess_id(captures, places(payloads), event_type, subjects, times)
    signature = proof(captures[0].headers, connector)
    return Guesses(
        signature=signature,
        event_type=event_type,
        event_id=event_id,
        types=tuple(_standing(each, event_id) for each in types),
        split=any(isinstance(each.body, list) for each in captures),
        is_form=captures[0].is_form,
        secret_headers=_secrets(signature),
    )


def _named_ids(captures: Sequence[Capture], payloads: Sequence[Any], event_type: Guess) -> set[Path]:
    """What is called like the message's own id is not the thing's."""
    found = envelope.guess_id(captures, places(payloads), event_type, (), ())
    return (
        {found.path}
        if found.path and words(found.path[-1]) != ("id",)
        else {found.path}
        if len(found.path) == 2
        else set()
    )


def _type(event_type: str, payloads: Sequence[Any], taken: set[Path]) -> TypeGuess:
    found = places(payloads)
    noun, subject = envelope.guess_subject(event_type, found, taken) or ("event", _alone())
    time = envelope.guess_time(found)
    person_ids = {subject.path} if not set(words(event_type)) & PERSONS else set()
    said = meanings(found, {*taken, time.path, *person_ids})
    somebody = {"email", "first_name", "last_name", "name"} & said.keys()
    return TypeGuess(
        event_type=event_type,
        noun=noun,
        subject=subject,
        time=time,
        meanings=said,
        about_person=bool(somebody) and bool(set(words(event_type)) & PERSONS),
    )


def _alone() -> Guess:
    why = "nothing is the id of a thing, so every event stands alone"
    return Guess("subject", "–", "", why)


def _standing(each: TypeGuess, event_id: Guess) -> TypeGuess:
    """An event without a thing is its own subject."""
    if each.subject.code:
        return each
    subject = Guess("subject", event_id.shown, event_id.code, each.subject.why)
    return TypeGuess(
        event_type=each.event_type,
        noun=each.noun,
        subject=subject,
        time=each.time,
        meanings=each.meanings,
        about_person=each.about_person,
    )


def _secrets(signature: Guess) -> tuple[str, ...]:
    carried = isinstance(signature.code, Call) and signature.code.name in ("StaticHeader", "Basic")
    return (quoted(signature.shown.lower()),) if carried else ()
