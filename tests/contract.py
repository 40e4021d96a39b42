"""Holds an application to its own OpenAPI description: what fits it is answered as it says, and what doesn't is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import schemathesis
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

SEED = 4711
"""The same requests at every run: one tree has one outcome."""
TAKEN = ["2xx", "3xx", 401, 403, 404, 409, 412, 429, "5xx"]
"""Of what fits the description. Schemathesis leaves 412 out: somebody was faster."""
FEW = 4
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


def described(app: Flask, path: str) -> Any:
    return app.test_client().get(path).get_json()


def invalid(app: Flask, path: str) -> Sequence[str]:
    """What is wrong with the description itself."""
    return [str(error) for error in OpenAPIV31SpecValidator(described(app, path)).iter_errors()]


def faults(
    app: Flask,
    path: str,
    headers: Mapping[str, str],
    unchecked: Sequence[str] = (),
    methods: Sequence[str] = METHODS,
    examples: int = FEW,
    drawn_only: Sequence[str] = (),
) -> Sequence[str]:
    """What is wrong, each once. `unchecked`: checks of schemathesis that do not hold here. `examples`: of each operation and phase.

    `drawn_only`: operations of which only what chance draws is tried, and not every value at a boundary.
    """
    found: list[str] = []
    for coverage in (True, False) if drawn_only else (True,):
        config = _config(headers, unchecked, examples, coverage=coverage)
        schema = schemathesis.openapi.from_wsgi(path, app, config=config).include(method=list(methods))
        if drawn_only:
            schema = schema.exclude(_one_of(drawn_only)) if coverage else schema.include(_one_of(drawn_only))
        for event in from_schema(schema).execute():
            found += _told(event)
    return list(dict.fromkeys(found))


def _one_of(labels: Sequence[str]) -> Callable[[Any], bool]:
    return lambda context: context.operation.label in labels


def _config(
    headers: Mapping[str, str], unchecked: Sequence[str], examples: int, *, coverage: bool
) -> SchemathesisConfig:
    config = {
        "seed": SEED,
        "headers": dict(headers),
        "continue-on-failure": True,
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        "phases": {
            "stateful": {"enabled": False},
            # Flask refuses each method that a path does not have in one way.
            "coverage": {"enabled": coverage, "unexpected-methods": ["TRACE", "PATCH"]},
        },
        # A machine that is busy does not answer in time: that is said, and is no fault.
        "checks": {
            "positive_data_acceptance": {"expected-statuses": TAKEN},
            "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 503]},
            **{name: {"enabled": False} for name in unchecked},
        },
        "cache": {"enabled": False},
    }
    return SchemathesisConfig.from_dict(config)


def _told(event: Any) -> Sequence[str]:
    if isinstance(event, events.NonFatalError | events.FatalError):
        return [str(getattr(event, "info", event))]
    if isinstance(event, events.ScenarioFinished):
        return [
            f"{event.recorder.label}: {check.name}: {check.failure_info.failure.title} {check.failure_info.failure.message}\n{check.failure_info.code_sample}"
            for checks in event.recorder.checks.values()
            for check in checks
            if check.failure_info is not None
        ]
    return []
