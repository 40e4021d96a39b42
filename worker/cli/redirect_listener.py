"""Waits on this machine for the browser of a person who gave a grant."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Final

from worker.errors import ConfigError

ADDRESS: Final = "127.0.0.1"
PATH: Final = "/callback"
SILENT: Final = 5.0
"""Seconds that a browser may take to say what it wants."""
PAGE: Final = b"<!doctype html><meta charset=utf-8><title>relay</title><p>You can close this page, and go back to the terminal.</p>"


class RedirectListener(TCPServer):
    """Listens from the beginning: the browser may be quicker than whoever prints the address. Takes one answer. `clock` is monotonic."""

    allow_reuse_address = True

    def __init__(self, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.found: str | None = None
        self._clock = clock
        try:
            super().__init__((ADDRESS, port), _Once)
        except OSError as error:
            raise ConfigError(
                f"port {port} of this machine can't be listened on: {error.strerror}; give --port, or --paste"
            ) from None

    @property
    def redirect(self) -> str:
        return f"http://{ADDRESS}:{self.server_address[1]}{PATH}"

    def wait(self, seconds: float) -> str:
        """The address that the browser was sent to. Raises ConfigError when none comes."""
        ends = self._clock() + seconds
        while self.found is None:
            self.timeout = ends - self._clock()
            if self.timeout <= 0:
                raise ConfigError(
                    f"nobody came back from the sender within {seconds / 60:.0f} min: begin anew, or give --paste"
                )
            self.handle_request()
        return self.found


class _Once(BaseHTTPRequestHandler):
    server: RedirectListener
    timeout = SILENT
    server_version = "relay"
    sys_version = ""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path != PATH or not query:
            self.send_error(404)
            return
        self.server.found = f"{self.server.redirect}?{query}"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """The address holds the code."""
