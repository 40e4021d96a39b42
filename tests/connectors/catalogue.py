"""The cases there are: a folder each, or a sample that the product ships and a folder for what comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from worker import casebook
from worker.connector import Connector, Event, Handles
from worker.connector_settings import load_settings
from worker.connectors import OURS
from worker.reading import Reading, read, rule_for

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SAMPLES = ROOT / "worker" / "connectors" / "samples"


@dataclass(frozen=True)
class Filed:
    connector: Connector
    name: str
    case: casebook.Case
    expected: Any

    def __str__(self) -> str:
        return f"{self.connector.name}-{self.name}"

    @cached_property
    def settings(self) -> Any:
        return load_settings(self.connector.settings, self.case.settings, str(self))

    def readings(self) -> list[Reading]:
        return list(read(self.connector, self.case.request))

    def events(self) -> Iterator[tuple[Handles, Event]]:
        """The case's events that a mapping is asked for."""
        for reading in self.readings():
            rule = rule_for(self.connector, reading.type)
            if isinstance(rule, Handles) and not reading.problem:
                yield rule, casebook.event_of(reading, self.case)


def filed() -> Iterator[Filed]:
    for connector in OURS:
        for folder in sorted((HERE / connector.name).iterdir()):
            request = folder / "request.json"
            source = request if request.exists() else SAMPLES / connector.name / f"{folder.name}.json"
            document = json.loads(source.read_text("utf-8"))
            expected = json.loads((folder / "plan.json").read_text("utf-8"))
            yield Filed(connector, folder.name, casebook.load(document, connector), expected)


CASES = tuple(filed())


def cases_of(connector: Connector) -> list[Filed]:
    return [each for each in CASES if each.connector is connector]
