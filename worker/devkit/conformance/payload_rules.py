"""Checks that a mapping stands changed payloads: unknown, missing and empty fields."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from marshmallow import Schema

from worker.devkit.conformance.mutations import JUNK, grown, places, put, with_null, without_required
from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Filed, Rejection, Subject
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event
from worker.sdk.route import Incomplete, MappingError, schema_of

TRIES = 400
"""Number of payloads with junk that are tried; they take a fraction of a second."""

IN_CASES = 2
"""Number of cases of a type in which a field is taken out or null."""

OPTIONAL = "an optional field loads as None: write `payload['x'] or {}`, or say required=True in the schema"


def unknown_fields_change_nothing(subject: Subject) -> Iterator[Problem]:
    for filed, rule, event in subject.mapped():
        with_more = replace(event, payload=grown(event.payload, schema_of(rule)))
        if filed.planned(with_more) != filed.usual(event):
            what = "a field that the schema does not know changes the plan, or is an error"
            yield Problem(filed.name, what, "let schemas inherit from schemas.wire.Payload, and read what they load")


def missing_required_field_is_named(subject: Subject) -> Iterator[Problem]:
    for filed, event, path, found in _changed(subject, without_required):
        if str(found) != f"{event.type}: {path}: Missing data for required field":
            yield Problem(f"{filed.name}, without {path}", f"it comes to {found}", "use the fields of schemas.wire")


def null_in_an_optional_field_is_fine(subject: Subject) -> Iterator[Problem]:
    """Or, where one of several fields is needed, the schema's message is a `schemas.wire.Needs`."""
    for filed, _, path, found in _changed(subject, with_null):
        if isinstance(found, Rejection) and found.kind is not Incomplete:
            yield Problem(f"{filed.name}, null in {path}", found.line, OPTIONAL)


def _changed(
    subject: Subject, changes: Callable[[Any, Schema], Iterator[tuple[str, Any]]]
) -> Iterator[tuple[Filed, Event, str, Plan | Ignored | Rejection]]:
    """What events that have a plan come to with one field changed: the case, the event, the field's path, and the outcome."""
    tried = Counter[tuple[str, str]]()
    for filed, rule, event in subject.mapped():
        if isinstance(filed.usual(event), Rejection):
            continue
        for path, payload in changes(event.payload, schema_of(rule)):
            tried[event.type, path] += 1
            if tried[event.type, path] <= IN_CASES:
                yield filed, event, path, filed.planned(replace(event, payload=payload))


def planning_is_pure(subject: Subject) -> Iterator[Problem]:
    for filed, _, event in subject.mapped():
        before = copy.deepcopy(event)
        if filed.planned(event) != filed.planned(event):
            yield Problem(filed.name, "planned twice, there are two plans", "no clock, no randomness, no memory")
        if event != before:
            yield Problem(filed.name, "planning changed the event", "copy what is to be changed: {**payload, …}")


def no_valid_payload_makes_a_mapping_raise(subject: Subject) -> Iterator[Problem]:
    """Junk in each place of each payload, a different kind every time."""
    mapped = [(filed, event, place) for filed, _, event in subject.mapped() for place in places(event.payload)]
    rounds = min(len(JUNK), max(1, TRIES // max(1, len(mapped))))
    stride = max(1, -(-len(mapped) // TRIES))
    seen: set[str] = set()
    for turn in range(rounds):
        for number, (filed, event, place) in enumerate(mapped[turn % stride :: stride]):
            junk = JUNK[(number + turn * 7) % len(JUNK)]
            found = filed.planned(replace(event, payload=put(event.payload, place, junk)))
            if isinstance(found, Rejection) and found.kind is MappingError and found.line not in seen:
                seen.add(found.line)
                path = ".".join(map(str, place)) or "the whole payload"
                yield Problem(
                    f"{filed.name}, {junk!r:.40} in {path}", found.line, "let the schema refuse it, or allow for it"
                )
