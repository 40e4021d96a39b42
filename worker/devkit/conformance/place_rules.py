"""Checks that ids, types, subjects and times are taken from places that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Filed, Subject
from worker.devkit.scaffold.payload_paths import paths
from worker.errors import alike
from worker.sdk.connector import Extract, Handles, Incoming
from worker.sdk.mapping.extract import place_of
from worker.sdk.read import ReadEvent
from worker.sdk.route import rule_for

MARK = "mark the function with @made_of(field('…')), or use `field`, `header`, `joined`, …"


def places_are_there(subject: Subject) -> Iterator[Problem]:
    """In samples; an event without id, type or subject is a dead letter."""
    for filed in subject.samples:
        for reading, part in _events(filed):
            for what, extract in _extracts(filed, reading):
                if what in reading.missing or (
                    what == "time" and reading.time is None and not reading.note and _looks(extract, part)
                ):
                    yield _lost(filed, what, place_of(extract, part), part.payload)


def places_can_be_told(subject: Subject) -> Iterator[Problem]:
    """The console shows where each was found; a function's name says nothing to whoever looks."""
    told = set()
    for filed in subject.cases:
        for reading, part in _events(filed):
            for what, extract in _extracts(filed, reading):
                place = place_of(extract, part)
                if "()" in place and (what, place) not in told:
                    told.add((what, place))
                    yield Problem(f"{filed.name}, {what}", f"is taken from {place}, which names no place", MARK)


def _events(filed: Filed) -> Iterator[tuple[ReadEvent, Incoming]]:
    yield from zip(filed.readings, filed.parts, strict=True)


def _extracts(filed: Filed, reading: ReadEvent) -> list[tuple[str, Extract]]:
    rule = rule_for(filed.connector, reading.type)
    found = [("id", filed.connector.event_id), ("type", filed.connector.event_type)]
    if isinstance(rule, Handles):
        found += [("subject", rule.subject), ("time", rule.time)]
    return found


def _looks(extract: Extract, part: Incoming) -> bool:
    """Whether it looks at a field; a constant, and a sender who tells no time, are as they are."""
    place = place_of(extract, part)
    known = {".".join(path) for path in paths([part.payload])}
    return '"' not in place and not any(step in known for step in place.replace(" or ", " + ").split(" + "))


def _lost(filed: Filed, what: str, place: str, payload: Any) -> Problem:
    there = [".".join(path) for path in paths([payload])]
    near = [each for step in place.replace(" or ", " + ").split(" + ") for each in alike(step, there)]
    said = f"is taken from {place}, and there is nothing in this sample"
    last = place.rpartition(".")[2]
    ends = [each for each in there if each.rpartition(".")[2] == last]
    mend = f"did you mean {(near or ends)[0]}?" if ends or near else f"the fields are {', '.join(there[:12]) or 'none'}"
    return Problem(f"{filed.name}, {what}", said, mend)
