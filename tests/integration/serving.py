"""Serves an application over HTTP, as processes reach it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import BaseWSGIServer

from web.sandbox.server import make_server


@contextmanager
def served(app: Flask) -> Iterator[BaseWSGIServer]:
    server = make_server(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def url_of(server: BaseWSGIServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"
