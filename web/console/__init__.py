"""Builds the console, on a port of its own: pages, the admin API, the metrics."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, Response, g
from jinja2 import StrictUndefined
from prometheus_client.core import Metric

from web.console import present
from web.console.doors import Doors
from web.console.exposition import Exposition
from web.console.guard import guard_api, guard_pages
from web.console.headers import harden
from web.console.pages.batches import open_batches
from web.console.pages.dead import open_dead
from web.console.pages.event_acts import open_event_acts
from web.console.pages.events import open_events
from web.console.problem_pages import answer_people
from web.console.session import sessions_of
from web.problems import answer_with_problems
from worker.admin.parts import Parts

LARGEST_BODY = 1024 * 1024
NAVIGATION = (("Events", "/events"), ("Dead", "/dead"), ("Batches", "/batches"))


def create_console(measure: Callable[[], Iterable[Metric]], parts: Parts) -> Flask:
    """`measure` yields each family as soon as it is known."""
    app = Flask("web.console")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters |= {"when": present.when, "number": present.number, "span": present.span}
    app.jinja_env.globals |= {
        "spark": present.spark,
        "navigation": NAVIGATION,
        "made": present.made,
        "theme": present.theme,
        "new_key": new_key,
    }
    answer_with_problems(app)
    answer_people(app)
    harden(app)
    _open_instruments(app, Exposition(measure))
    app.before_request(_begin)
    app.context_processor(_frame)
    pages, api = Blueprint("pages", __name__), Blueprint("api", __name__, url_prefix="/api/v1")
    guard_pages(pages, parts)
    guard_api(api, parts)
    doors = Doors(pages, api, parts)
    for opened in (open_events, open_event_acts, open_dead, open_batches):
        opened(doors)
    for blueprint in (sessions_of(parts), pages, api):
        app.register_blueprint(blueprint)
    return app


def new_key() -> str:
    """Goes with a form, so that one that is sent twice does one thing."""
    return secrets.token_urlsafe(16)


def _frame() -> dict[str, Any]:
    return {"person": g.get("person")}


def _begin() -> None:
    g.begun = time.perf_counter()


def _open_instruments(app: Flask, exposition: Exposition) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return Response(json.dumps({"status": "up"}) + "\n", content_type="application/json")

    @app.get("/metrics")
    def metrics() -> Response:
        text, content_type = exposition()
        return Response(text, content_type=content_type)
