"""Finds every case of every connector of the relay."""

from __future__ import annotations

from worker.connectors import OURS
from worker.devkit.conformance import Filed, Subject
from worker.devkit.conformance.paths import ours, subject_of

__all__ = ["CASES", "REQUESTS", "SUBJECTS", "Filed", "Subject"]

SUBJECTS = tuple(subject_of(connector, ours(connector.name)) for connector in OURS)
CASES = tuple(filed for subject in SUBJECTS for filed in subject.cases)
REQUESTS = tuple(filed for filed in CASES if filed.brings_events)
"""Without handshakes."""
