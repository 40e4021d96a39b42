"""Checks that what a sender carries along as a secret is hidden, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.secret_words import carried
from worker.devkit.conformance.subject import Subject
from worker.errors import alike
from worker.sdk.masked import masked
from worker.sdk.read import BadBody, parsed


def secrets_in_payloads_are_hidden(subject: Subject) -> Iterator[Problem]:
    """A payload is stored for weeks, and shown in the console."""
    payloads = [reading.payload for filed in subject.cases for reading in filed.readings]
    told: set[str] = set()
    for filed in subject.cases:
        for reading in filed.readings:
            for path in carried(reading.payload, payloads):
                if path not in told:
                    told.add(path)
                    what = f"{path} looks like a secret, and would be stored and shown as it is"
                    yield Problem(filed.name, what, f"secret_fields=({path.rpartition('.')[2]!r},)")


def secret_fields_hit_something(subject: Subject) -> Iterator[Problem]:
    """A slip in a path would leave the secret in the open."""
    connector = subject.connector
    bodies = [body for filed in subject.cases if (body := _body(subject, filed.case.request.body)) is not None]
    for field in connector.secret_fields:
        if all(masked(body, [field], lambda _: "\0") == body for body in bodies):
            names = sorted({name for body in bodies for name in _names(body)})
            near = alike(field.rpartition(".")[2], names)
            mend = f"did you mean {near[0]}?" if near else "correct the path, or add a case that carries it"
            yield Problem("secret_fields", f"{field} is in no case", mend)


def _body(subject: Subject, body: bytes) -> Any:
    try:
        return parsed(subject.connector, body) if body else None
    except BadBody:
        return None


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _names(part)
    elif isinstance(value, list):
        for part in value:
            yield from _names(part)
