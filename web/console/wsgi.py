"""Wires the console from the environment: `web.console.wsgi:app`."""

from __future__ import annotations

import os
import sys
from multiprocessing.util import Finalize

from flask import Flask

from web.console import compile_templates, create_console, watching
from web.orphan import end_with_parent
from worker import logs
from worker.admin.parts import Opened
from worker.alerts import watch
from worker.errors import RelayError
from worker.instruments.heartbeat import Heartbeat, Who
from worker.instruments.measure import opened
from worker.instruments.tally import Tally
from worker.settings import Settings, load

CONNECTIONS = 4
"""To the database: it can't starve deliveries."""


def wired(settings: Settings) -> Flask:
    parts = Opened(settings, os.environ, pool_size=CONNECTIONS)
    store = parts.store
    heart = Heartbeat(store, Who(kind="console"), Tally())
    # granian ends its processes in a way that runs no atexit.
    Finalize(None, heart.end, exitpriority=1)
    heart.start()
    measure = opened(store, settings, os.environ)
    watching.watch_for_ever(watch.wired(store, settings, measure.keys, measure.redis).run)
    app = create_console(measure.families, parts)
    compile_templates(app)
    return app


# granian copies the environment into every request's, where HTTP_PROXY would read as a header that the sender sent.
for name in [name for name in os.environ if name.startswith("HTTP_")]:
    del os.environ[name]
try:
    logs.configure(os.environ)
    app = wired(load(os.environ))
except RelayError as error:
    sys.exit(f"relay: {error}")
end_with_parent()
