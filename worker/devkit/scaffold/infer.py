"""Guesses all that can be guessed of a sender from its captured requests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from worker.devkit.capture.batches import batch_of
from worker.devkit.capture.capture import Capture
from worker.devkit.scaffold.event_ids import digested, guess_id
from worker.devkit.scaffold.event_types import by_type, guess_type
from worker.devkit.scaffold.guess import Guess, Guesses, TypeGuess
from worker.devkit.scaffold.meanings import SOMEBODY, meanings
from worker.devkit.scaffold.naming import words
from worker.devkit.scaffold.payload_paths import Path, Place, paths, places
from worker.devkit.scaffold.signature import proved
from worker.devkit.scaffold.subjects import guess_subject, guess_time
from worker.devkit.scaffold.vocabulary import PERSONS


def guessed(
    connector: str, captures: Sequence[Capture], secret: str | None = None, sent: Sequence[Capture] | None = None
) -> Guesses:
    """`secret`: with it every known scheme is tried. `sent`: the captures as they came, where people in them were masked since."""
    payloads = list(chain.from_iterable(each.payloads for each in captures))
    split = next(filter(None, (batch_of(each.body) for each in captures)), "")
    found = _inside(split, places(payloads))
    event_type = guess_type(captures, [place for place in found if place.always])
    event_id = guess_id(captures, found, ())
    told = {event_type.path} | ({event_id.path} if event_id else set())
    some = by_type(captures, event_type)
    types = tuple(_type(name, some[name], found, told) for name in sorted(some))
    if event_id and event_id.path in _only_ids(payloads, event_id):
        # The one id there is is that of the thing, which comes again with every change.
        event_id = None
        types = tuple(_type(name, some[name], found, {event_type.path}) for name in sorted(some))
    standing = event_id or digested(found, event_type, [t.subject for t in types], [t.time for t in types])
    signature = proved(sent or captures, connector, secret)
    return Guesses(
        signature=signature,
        event_type=event_type,
        event_id=standing,
        types=tuple(each if each.subject.code else _alone(each, standing) for each in types),
        split=split,
        is_form=captures[0].is_form,
        secret_headers=_secrets(signature),
    )


def _inside(split: str, found: list[Place]) -> list[Place]:
    """Of events in an array, what is theirs: what stands around them is the same for all of a body."""
    steps = tuple(split.split("."))
    return [place for place in found if place.path[: len(steps)] == steps] or found


def _only_ids(payloads: Sequence[Any], event_id: Guess) -> Collection[Path]:
    """A plain `id` at the top, with no other id of a thing below it."""
    if event_id.path != ("id",):
        return ()
    others = (guess_subject("", places([payload]), {event_id.path}) for payload in payloads)
    return () if all(others) else (event_id.path,)


def _type(event_type: str, payloads: Sequence[Any], all_places: Sequence[Place], taken: Collection[Path]) -> TypeGuess:
    """A field that is null in the payloads of this type gets its meaning from those of other types."""
    among = {place.path for place in all_places}
    found = [place for place in places(payloads) if place.path in among]
    subject = guess_subject(event_type, found, taken) or Guess("subject", "", "", "")
    time = guess_time(found)
    about_persons = bool(set(words(event_type)) & PERSONS)
    known = {*taken, time.path} if about_persons else {*taken, time.path, subject.path}
    here = paths(payloads)
    said = meanings([place for place in all_places if place.path in here], known)
    return TypeGuess(
        event_type=event_type,
        subject=subject,
        time=time,
        meanings=said,
        about_person=about_persons and bool(SOMEBODY & said.keys()),
    )


def _alone(each: TypeGuess, event_id: Guess) -> TypeGuess:
    why = "nothing is the id of a thing, so every event stands alone"
    return replace(each, subject=Guess("subject", event_id.shown, event_id.code, why))


def _secrets(signature: Guess) -> tuple[str, ...]:
    carried = signature.code.startswith(("StaticHeader(", "Basic("))
    return (signature.shown.lower(),) if carried else ()
