"""Serves HTTP/1.1 with threads; it keeps connections open and can close one unanswered."""

from __future__ import annotations

import socket
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Handler(WSGIRequestHandler):
    """Unlike Werkzeug's own handler this one keeps connections open, and so reads each body before the app runs."""

    protocol_version = "HTTP/1.1"
    # Head and body go out as one segment; two would wait 40 ms for each other on a kept connection.
    wbufsize = -1
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
            self.wfile.flush()
        environ = self.make_environ()
        environ["wsgi.input"] = self._body(environ)
        try:
            body, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except ConnectionError:
            self._hang_up()
            return
        content = b"".join(body)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        headers["Content-Length"] = str(len(content))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)
        self.wfile.flush()

    @staticmethod
    def _body(environ: WSGIEnvironment) -> BytesIO:
        chunked = environ.get("wsgi.input_terminated", False)
        return BytesIO(environ["wsgi.input"].read(-1 if chunked else int(environ.get("CONTENT_LENGTH") or 0)))

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay silent: a request line holds the API key."""


class Server(ThreadedWSGIServer):
    """A thread for each connection."""

    request_queue_size = 512


def make_server(app: Flask, host: str = "127.0.0.1", port: int = 0) -> BaseWSGIServer:
    """Bind at once; `serve_forever` then serves. Port 0 takes a free one: see `server_port`."""
    return Server(host, port, app, Handler)
