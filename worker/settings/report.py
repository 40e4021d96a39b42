"""Logs what the settings leave out of use, when a process starts."""

from __future__ import annotations

import structlog

from worker.settings.values import Settings

_log = structlog.get_logger()


def report(settings: Settings) -> None:
    for name, problem in settings.misconfigured.items():
        _log.error("connection misconfigured", connection=name, reason=problem)
    for variable, problem in settings.strays.items():
        _log.warning("variable not read", variable=variable, reason=problem)
