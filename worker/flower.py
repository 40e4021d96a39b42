"""Starts Flower with every page closed to who has no password."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from flower.app import Flower
from flower.command import apply_env_options, apply_options, extract_settings, setup_logging
from flower.urls import settings as pages
from flower.views import monitor
from tornado.options import options
from tornado.web import authenticated

from worker import logs
from worker.app import app


class Metrics(monitor.Metrics):  # type: ignore[misc] # Flower tells no types
    @authenticated
    async def get(self) -> None:
        await super().get()


class Healthcheck(monitor.Healthcheck):  # type: ignore[misc] # as above
    @authenticated
    async def get(self) -> None:
        await super().get()


class Closed(Flower):  # type: ignore[misc] # as above
    """These handlers come before Flower's own."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        prefix = f"/{self.options.url_prefix.strip('/')}" if self.options.url_prefix else ""
        self.add_handlers(r".*", [(f"{prefix}/metrics", Metrics), (f"{prefix}/healthcheck", Healthcheck)])


def main() -> None:
    """Takes the options and variables of `celery flower`: https://flower.readthedocs.io/en/latest/config.html."""
    apply_env_options()
    apply_options(sys.argv[0], sys.argv[1:])
    if not (options.basic_auth or options.auth):
        sys.stderr.write("relay: FLOWER_BASIC_AUTH is not set; Flower does not start without user:password\n")
        sys.exit(2)
    extract_settings()
    setup_logging()
    logs.configure(os.environ)
    # It takes no messages, and looks after the broker by the name of its transport.
    app.conf.broker_transport = None
    flower = Closed(capp=app, options=options, **pages)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    flower.start_http_server()
    try:
        flower.start()
    except (KeyboardInterrupt, SystemExit):
        flower.stop()


if __name__ == "__main__":
    main()
