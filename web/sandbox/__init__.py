"""Imitates Upsales in one Flask app, for development, demos, tests and chaos.

It shares no code with the relay and keeps its state in the memory of one process.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from web.sandbox.answers import Dropped
from web.sandbox.api import api
from web.sandbox.control import control
from web.sandbox.desk import desk
from web.sandbox.options import SandboxKey, SandboxOptions
from web.sandbox.overview import overview
from web.sandbox.world import World

__all__ = ["Dropped", "SandboxKey", "SandboxOptions", "create_sandbox"]


def create_sandbox(
    options: SandboxOptions | None = None,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Flask:
    """Build the app; the control URLs exist only with `options.faults`.

    A connection to be dropped raises `Dropped` (a ConnectionError) out of the app: `web.sandbox.server` then closes it without an answer.
    """
    settings = options or SandboxOptions()
    app = Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.ensure_ascii = False
    app.extensions["sandbox"] = World(settings, clock, sleep)
    app.register_blueprint(api)
    app.register_blueprint(overview)
    if settings.faults:
        app.register_blueprint(control)
        app.register_blueprint(desk)
    return app
