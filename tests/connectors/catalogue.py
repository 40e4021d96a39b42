"""The cases there are: a folder each, or a sample that the product ships and a folder for what comes of it."""

from __future__ import annotations

from worker.connectors import OURS
from worker.devkit.conformance import Filed, Subject
from worker.devkit.conformance.paths import ROOT, ours, subject_of
from worker.sdk.connector import Connector

__all__ = ["CASES", "EXHIBITS", "ROOT", "SAMPLES", "Filed", "Subject", "cases_of"]

SAMPLES = ROOT / "worker" / "connectors" / "samples"
EXHIBITS = tuple(subject_of(connector, ours(connector.name)) for connector in OURS)
CASES = tuple(filed for subject in EXHIBITS for filed in subject.cases)


def cases_of(connector: Connector) -> list[Filed]:
    return [each for each in CASES if each.connector is connector]
