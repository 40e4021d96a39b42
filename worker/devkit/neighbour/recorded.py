"""Fills a neighbour with what a connector's cases recorded of its sender's API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from worker.devkit.conformance.paths import Paths, subject_of
from worker.devkit.conformance.subject import Filed
from worker.devkit.neighbour.neighbour import Neighbour
from worker.devkit.recorded import Answers, answer_to, kind_of, thing_in
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.fetch import wanted
from worker.sdk.route import rule_for
from worker.sdk.source import Absent

OK = 200


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the sender's API answered for one thing."""

    kind: str
    id: str
    answer: Any


def neighbour_of(connector: Connector, *, token: str | None = None, paths: Paths | None = None) -> Neighbour:
    """Its sender's API, as far as its cases know it. The connector must declare a source. `paths`: where its cases are."""
    assert connector.source is not None
    made = Neighbour(connector.source, token=token)
    for filed in subject_of(connector, paths).cases:
        for each in recorded(connector, filed):
            made.things.record(each.kind, each.id, each.answer)
    return made


def recorded(connector: Connector, filed: Filed) -> Iterator[Recorded]:
    """What the case's events read, each under the id that they ask for."""
    for reading, part in zip(filed.readings, filed.parts, strict=True):
        rule = rule_for(connector, reading.type)
        if isinstance(rule, Handles):
            yield from _of_event(connector, rule, part, filed.case.answers)


def _of_event(connector: Connector, rule: Handles, part: Incoming, answers: Answers) -> Iterator[Recorded]:
    known: dict[str, Any] = {}
    while (found := wanted(rule, part, known)) is not None:
        get, thing = found
        answer = answer_to(answers, get, thing)
        if answer is None or answer.status != OK:
            known[get.called] = Absent("never", "it is not recorded")
            continue
        known[get.called] = thing_in(kind_of(connector, get), answer.body)
        yield Recorded(_served(connector, get.kind), thing, answer.body)


def _served(connector: Connector, kind: str) -> str:
    """The first kind that is read at the same path: by that the neighbour finds it."""
    assert connector.source is not None
    kinds = connector.source.kinds
    return next(name for name, each in kinds.items() if each.get == kinds[kind].get)
