"""Writes expected plans anew, and makes cases of captured requests."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path

from worker.devkit import cases
from worker.devkit.capture.capture import Capture, text
from worker.devkit.conformance import Subject
from worker.devkit.conformance.paths import PLAN, REQUEST, Paths
from worker.devkit.conformance.secrets import NOW, usable_pair
from worker.devkit.scaffold.files import SETTINGS
from worker.errors import ConfigError
from worker.sdk.connector import Connector


@dataclass(frozen=True, slots=True)
class Accepted:
    """`difference`: what changes in the file; empty for a case that comes to what was expected."""

    path: Path
    difference: str


def accept(subject: Subject, paths: Paths, names: Collection[str]) -> Iterator[Accepted]:
    """Writes the plans of the named cases; of all cases if none is named."""
    known = list(dict.fromkeys(name for filed in subject.cases for name in (filed.name.partition("/")[0], filed.name)))
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ConfigError(f"{subject.connector.name} has no case {unknown[0]}; there are: {', '.join(known) or 'none'}")
    for filed in subject.cases:
        if not names or filed.name in names or filed.name.partition("/")[0] in names:
            path = filed.plan_file or paths.cases / filed.name / PLAN
            yield _written(path, cases.text(cases.outcomes(subject.connector, filed.case)))


def add_case(capture: Capture, subject: Subject, paths: Paths) -> str:
    """Answers the case's name. Raises ConfigError if there is a case of that name."""
    if capture.name in {filed.name for filed in subject.cases}:
        raise ConfigError(f"{subject.connector.name} has a case {capture.name} already; give the file another name")
    settings = subject.cases[0].case.settings if subject.cases else SETTINGS
    path = paths.cases / capture.name / REQUEST
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(_unsigned(capture, subject.connector), settings), "utf-8")
    return capture.name


def _unsigned(capture: Capture, connector: Connector) -> Capture:
    """Leaves out the headers that signing adds, but for a message's id: a connector may read that."""
    plain = cases.load({"now": capture.now.isoformat(), "body": capture.body}, connector).request
    try:
        signed = connector.signature.sign(plain, usable_pair(connector.signature, plain)[0], NOW)
    except ValueError:
        return capture
    added = {name for name, _ in signed.headers} - {name for name, _ in plain.headers}
    kept = {
        name: value
        for name, value in capture.headers.items()
        if name.lower() not in added or name.lower().endswith("-id")
    }
    proof = tuple(name for name in capture.headers if name.lower() in added and name not in kept)
    headers = {name: value for name, value in kept.items() if value != "application/json"}
    return replace(capture, headers=headers, proof=proof, raw=None)


def _written(path: Path, new: str) -> Accepted:
    old = path.read_text("utf-8") if path.exists() else ""
    if old == new:
        return Accepted(path, "")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(new, "utf-8")
    lines = unified_diff(old.splitlines(), new.splitlines(), "expected", "accepted", lineterm="", n=2)
    return Accepted(path, "\n".join(lines))
