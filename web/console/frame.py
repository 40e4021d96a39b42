"""Shows on every page what stops deliveries, and how much waits for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Flask, Response, g, request

from worker.admin.health import Checks, Health
from worker.alerts.findings import Finding

COUNTED: Final = {"/dead": "dead", "/review": "review", "/batches": "batches"}
"""What stands beside a page in the navigation, by its path: one of `Health.numbers`."""
FASTEST, SLOWEST = 10, 3600
"""Seconds after which a browser without script may load a page again."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`unknown`: what could not be checked. `counts`: by the path of the page that shows it; None: not known. `counted`: when."""

    stops: Sequence[Finding]
    unknown: Sequence[str]
    counts: Mapping[str, int | None]
    counted: datetime | None


def show_frame(app: Flask, checks: Checks) -> None:
    @app.context_processor
    def frame() -> dict[str, Any]:
        person = g.get("person")
        return {"person": person, "frame": None if person is None else _frame(checks.health())}

    @app.after_request
    def load_again(response: Response) -> Response:
        # https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Refresh
        seconds = request.args.get("live", "")
        if response.mimetype == "text/html" and seconds.isascii() and seconds.isdecimal() and len(seconds) < 6:
            response.headers["Refresh"] = str(min(max(int(seconds), FASTEST), SLOWEST))
        return response


def _frame(health: Health) -> Frame:
    return Frame(
        stops=health.stops,
        unknown=health.unknown,
        counts={path: (health.numbers.value or {}).get(what) for path, what in COUNTED.items()},
        counted=health.numbers.as_of,
    )
