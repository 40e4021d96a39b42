"""Checks that what is read of a sender's API is what the event asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Filed, Subject
from worker.devkit.recorded import NotRead, NotRecorded, Step, steps
from worker.devkit.scaffold.payload_paths import paths
from worker.errors import alike
from worker.sdk.connector import Handles, Incoming
from worker.sdk.fetch import changed_in, with_read
from worker.sdk.mapping.extract import place_of
from worker.sdk.route import rule_for
from worker.sdk.source import Absent, Get


def ids_of_what_is_fetched_are_there(subject: Subject) -> Iterator[Problem]:
    """Where no sample has one, nothing is ever read, and the mapping finds nothing."""
    found: set[tuple[str, str]] = set()
    lost: dict[tuple[str, str], Problem] = {}
    for filed in subject.samples:
        for event_type, rule, part in _handled(filed):
            read = {step.get.called: step.body for step in _steps(filed, rule, part)}
            for get in rule.fetch:
                if get.called in read:
                    found.add((event_type, get.called))
                elif not get.optional and all(each.called in read for each in _before(rule, get)):
                    lost.setdefault((event_type, get.called), _lost(event_type, get, with_read(part, read)))
    yield from (problem for key, problem in lost.items() if key not in found and problem.what)


def what_is_read_is_what_was_asked_for(subject: Subject) -> Iterator[Problem]:
    """The answer of another thing makes a plan, too: a wrong one."""
    for filed in subject.cases:
        for _, rule, part in _handled(filed):
            for step in _steps(filed, rule, part):
                own = step.body.get("id") if isinstance(step.body, Mapping) else None
                if (
                    not step.kind.merges
                    and isinstance(own, str | int)
                    and step.thing not in map(str, step.body.values())
                ):
                    what = f"{step.get.kind} {step.thing} was asked for, and the answer is that of {own}"
                    mend = f"record the answer for {step.thing}, or correct where `id` of the Get is taken from"
                    yield Problem(f"{filed.name}, read/{step.get.called}.json", what, mend)


def time_of_a_reading_can_be_read(subject: Subject) -> Iterator[Problem]:
    """Without it the values count as of the webhook's time."""
    told: dict[str, bool] = {}
    for filed in subject.cases:
        for _, rule, part in _handled(filed):
            for step in _steps(filed, rule, part):
                if step.kind.changed is not None and not isinstance(step.body, Absent):
                    right = changed_in(step.kind, step.body, filed.case.now) is not None
                    told[step.get.kind] = told.get(step.get.kind, False) or right
    for kind in (kind for kind, right in told.items() if not right):
        named = subject.connector.source.kinds[kind].changed if subject.connector.source else None
        what = f"{named} is no time in any recorded answer, so it never says when the thing changed"
        yield Problem(f"{kind} changed", what, "name the field that does, or leave `changed` out")


def _handled(filed: Filed) -> Iterator[tuple[str, Handles, Incoming]]:
    for reading, part in zip(filed.readings, filed.parts, strict=True):
        rule = rule_for(filed.connector, reading.type)
        if isinstance(rule, Handles) and not reading.problem:
            yield reading.type, rule, part


def _steps(filed: Filed, rule: Handles, part: Incoming) -> Iterator[Step]:
    """As far as there are answers; other rules tell what is missing."""
    try:
        yield from steps(filed.connector, rule, part, filed.case.answers, {})
    except (NotRead, NotRecorded):
        return


def _before(rule: Handles, get: Get) -> Iterator[Get]:
    yield from rule.fetch[: rule.fetch.index(get)]


def _lost(event_type: str, get: Get, part: Incoming) -> Problem:
    """Nothing to tell where there is an id, and its answer is missing."""
    if get.id(part):
        return Problem(event_type, "", "")
    place = place_of(get.id, part)
    said: Any = dict(part.read) if place.startswith("what was read") else part.payload
    there = sorted(".".join(path) for path in paths([said]))
    near = alike(place.rpartition(" ")[2], there)
    mend = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(there[:12]) or 'none'}"
    return Problem(
        f"{event_type}, Get {get.called}", f"its id is taken from {place}, and there is nothing in any sample", mend
    )
