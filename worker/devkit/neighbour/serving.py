"""Serves neighbours over HTTP, each under the name of its connection."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler
from werkzeug.serving import make_server as threaded_server
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"


class Silent(WSGIRequestHandler):
    """A query may hold what is nobody's business."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def street(neighbours: Mapping[str, WSGIApplication]) -> WSGIApplication:
    """`/<name>` is the root of the neighbour of that name."""
    return DispatcherMiddleware(_corner, {f"/{name}": app for name, app in neighbours.items()})


def _corner(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Nobody lives there; the root tells that the street is there."""
    answer = Response("neighbours\n") if environ["PATH_INFO"] == "/" else NotFound().get_response(environ)
    return answer(environ, start_response)


def make_server(app: WSGIApplication, port: int = 0) -> BaseWSGIServer:
    """Binds at once, on this machine only. Port 0 takes a free one."""
    return threaded_server(HOST, port, app, threaded=True, request_handler=Silent)


@contextmanager
def served(app: WSGIApplication) -> Iterator[str]:
    """Its root address, for as long as this lasts."""
    server = make_server(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
