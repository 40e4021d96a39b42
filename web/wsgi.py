"""Wires the application from the environment: `web.wsgi:app`."""

from __future__ import annotations

import os
import sys

from flask import Flask

from web.multiprocess import count_together

OWNER_ONLY = 0o077
"""What is written from now on holds customers' data."""
os.umask(OWNER_ONLY)

count_together()

# granian copies the environment into every request's, where HTTP_PROXY would read as a header that the sender sent.
for name in [name for name in os.environ if name.startswith("HTTP_")]:
    del os.environ[name]

from web.app import create_app  # noqa: E402 - prometheus_client reads its directory when it is imported
from worker import logs, tracing  # noqa: E402 - as above
from worker.errors import RelayError  # noqa: E402 - as above
from worker.keys import Keys  # noqa: E402 - as above
from worker.settings import Settings, load  # noqa: E402 - as above
from worker.store import open_store  # noqa: E402 - as above


def wired(settings: Settings) -> Flask:
    store = open_store(settings.database_url)
    return create_app(settings, Keys(os.environ, store), store, tracer=tracer)


try:
    logs.configure(os.environ)
    logs.tell_crashes()
    settings = load(os.environ)
    tracer = tracing.started(os.environ, "relay-web")
    app = wired(settings)
except RelayError as error:
    sys.exit(f"relay: {error}")
