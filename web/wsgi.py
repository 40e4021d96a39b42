"""Wires the application from the environment: `web.wsgi:app`."""

from __future__ import annotations

import os
import sys

from flask import Flask

from web.app import create_app
from worker import logs, tracing
from worker.errors import RelayError
from worker.instruments.tally import Tally
from worker.keys import Keys
from worker.settings import Settings, load, report
from worker.store import Store, open_store

OWNER_ONLY = 0o077
"""What is written from now on holds customers' data."""
os.umask(OWNER_ONLY)

# granian copies the environment into every request's, where HTTP_PROXY would read as a header that the sender sent.
for name in [name for name in os.environ if name.startswith("HTTP_")]:
    del os.environ[name]

tally = Tally()
"""What this process counts; whoever gives its signs of life stores it."""


def wired(settings: Settings, store: Store) -> Flask:
    return create_app(settings, Keys(os.environ, store), store, tally=tally, tracer=tracer)


try:
    logs.configure(os.environ)
    logs.tell_crashes()
    settings = load(os.environ)
    report(settings)
    store = open_store(settings.database_url)
    tracer = tracing.started(os.environ, "relay-web")
    app = wired(settings, store)
except RelayError as error:
    sys.exit(f"relay: {error}")
