"""Holds an application to its own OpenAPI description: what fits it is answered as it says, and what doesn't is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def faults(
    app: Flask,
    path: str,
    headers: Mapping[str, str],
    unchecked: Sequence[str] = (),
    methods: Sequence[str] = METHODS,
    examples: int = FEW,
) -> Sequence[str]:
    """What is wrong, each once. `unchecked`: checks of schemathesis that do not hold here. `examples`: of each operation and phase."""
    document = app.test_client().get(path).get_json()
    found = [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()]
    whole = schemathesis.openapi.from_wsgi(path, app, config=_config(headers, unchecked, examples))
    schema = whole.include(method=list(methods))
    for event in from_schema(schema).execute():
        found += _told(event)
    return list(dict.fromkeys(found))


def _config(headers: Mapping[str, str], unchecked: Sequence[str], examples: int) -> SchemathesisConfig:
    config = {
        "seed": SEED,
        "headers": dict(headers),
        "continue-on-failure": True,
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
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
