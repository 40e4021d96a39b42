"""Fills a neighbour with what a connector's cases recorded of its sender's API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.devkit.conformance.paths import Paths, subject_of
from worker.devkit.conformance.subject import Filed
from worker.devkit.neighbour.dotted import at
from worker.devkit.neighbour.neighbour import Neighbour
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.read import parts
from worker.sdk.route import rule_for
from worker.sdk.source import Source

FOLDER = "read"


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
        for each in recorded(connector, connector.source, filed):
            made.things.record(each.kind, each.id, each.answer)
    return made


def recorded(connector: Connector, source: Source, filed: Filed) -> Iterator[Recorded]:
    """What the case's events read, each under the id that they ask for."""
    answers = _answers(filed)
    if not answers:
        return
    for reading, part in zip(filed.readings, parts(connector, filed.case.request), strict=True):
        rule = rule_for(connector, reading.type)
        if isinstance(rule, Handles):
            yield from _of_event(source, rule, part, answers)


def _of_event(source: Source, rule: Handles, part: Incoming, answers: Mapping[str, Any]) -> Iterator[Recorded]:
    known: dict[str, Any] = {}
    for get in rule.fetch:
        thing = get.id(Incoming(part.request, part.payload, part.place, known))
        if thing is None or get.called not in answers:
            continue
        answer = answers[get.called]
        known[get.called] = at(answer, source.kinds[get.kind].at)
        yield Recorded(get.kind, thing, answer)


def _answers(filed: Filed) -> Mapping[str, Any]:
    """By `Get.called`."""
    folder = Path(filed.source).parent / FOLDER if filed.source else None
    if folder is None or not folder.is_dir():
        return {}
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
