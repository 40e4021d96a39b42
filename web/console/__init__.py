"""Builds the console, on a port of its own: pages, the admin API, the metrics."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable

from flask import Blueprint, Flask, Response, g
from jinja2 import StrictUndefined
from prometheus_client.core import Metric

from web.console import present
from web.console.asked import refuse_undescribed
from web.console.describe import PREFIX
from web.console.doors import Doors
from web.console.exposition import Exposition
from web.console.frame import show_frame
from web.console.guard import guard_api, guard_pages
from web.console.headers import harden
from web.console.idempotency import answer_once
from web.console.openapi import openapi_of
from web.console.pages.about import open_about
from web.console.pages.audit import open_audit
from web.console.pages.batches import open_batches
from web.console.pages.calls import open_calls
from web.console.pages.connections import open_connections
from web.console.pages.dead import open_dead
from web.console.pages.event import open_event
from web.console.pages.event_acts import open_event_acts
from web.console.pages.events import open_events
from web.console.pages.find import open_find
from web.console.pages.forget import open_forget
from web.console.pages.keys import open_keys
from web.console.pages.overview import open_overview
from web.console.pages.reconciliations import open_reconciliations
from web.console.pages.records import open_records
from web.console.pages.reviews import open_reviews
from web.console.pages.source_calls import open_source_calls
from web.console.preferences import preferences_of
from web.console.problem_pages import answer_people
from web.console.served import refuse_unread, refuse_unstorable
from web.console.session import sessions_of
from web.problems import answer_with_problems
from worker.admin.health import Checks
from worker.admin.parts import Parts

LARGEST_BODY = 1024 * 1024
OPENED: tuple[Callable[[Doors], None], ...] = (
    open_overview,
    open_events,
    open_event,
    open_event_acts,
    open_dead,
    open_batches,
    open_find,
    open_reviews,
    open_connections,
    open_keys,
    open_calls,
    open_source_calls,
    open_reconciliations,
    open_records,
    open_audit,
    open_forget,
    open_about,
)
NAVIGATION = (
    ("Overview", "/"),
    ("Events", "/events"),
    ("Dead", "/dead"),
    ("Review", "/review"),
    ("Batches", "/batches"),
    ("Connections", "/connections"),
    ("Calls", "/calls"),
    ("Audit", "/audit"),
    ("About", "/about"),
)


def create_console(
    measure: Callable[[], Iterable[Metric]],
    parts: Parts,
    *,
    more: Iterable[Callable[[Doors], None]] = (),
    checks: Checks | None = None,
) -> Flask:
    """`measure` yields each family as soon as it is known. `more`: pages beside our own."""
    checks = checks or Checks(parts)
    app = Flask("web.console")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters |= {
        "when": present.when,
        "number": present.number,
        "span": present.span,
        "age": present.age,
        "as_json": present.as_json,
        "without_commands": present.without_commands,
    }
    app.jinja_env.globals |= {
        "spark": present.spark,
        "navigation": NAVIGATION,
        "made": present.made,
        "theme": present.theme,
    }
    answer_with_problems(app)
    answer_people(app)
    harden(app)
    _open_instruments(app, Exposition(measure))
    app.before_request(_begin)
    app.before_request(refuse_unread)
    app.before_request(refuse_unstorable)
    show_frame(app, checks)
    pages, api = Blueprint("pages", __name__), Blueprint("api", __name__, url_prefix=PREFIX)
    guard_pages(pages, parts)
    guard_api(api, parts)
    for blueprint in (pages, api):
        answer_once(blueprint, parts.store)
    doors = Doors(pages, api, parts, checks)
    refuse_undescribed(api, doors.described)
    for opened in (*OPENED, *more):
        opened(doors)
    for blueprint in (sessions_of(parts), preferences_of(parts), openapi_of(doors.described), pages, api):
        app.register_blueprint(blueprint)
    return app


def compile_templates(app: Flask) -> None:
    """Of a process that stays: else whoever opens a page first waits for it."""
    for name in app.jinja_env.list_templates(extensions=("html",)):
        app.jinja_env.get_template(name)


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
