"""Builds the console, an application on a port of its own that tells how everything is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from flask import Flask, Response
from prometheus_client.core import Metric

from web.console.exposition import Exposition
from web.problems import answer_with_problems


def create_console(measure: Callable[[], Iterable[Metric]]) -> Flask:
    """`measure` yields each family as soon as it is known."""
    app = Flask("console", static_folder=None)
    answer_with_problems(app)
    exposition = Exposition(measure)

    @app.get("/healthz")
    def healthz() -> Response:
        return Response(json.dumps({"status": "up"}) + "\n", content_type="application/json")

    @app.get("/metrics")
    def metrics() -> Response:
        text, content_type = exposition()
        return Response(text, content_type=content_type)

    return app
