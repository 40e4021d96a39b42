"""A sender's API over real HTTP: what it answers to a path, and what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from marshmallow import Schema

from worker.sdk.connector import Connector
from worker.sdk.mapping import field as extract
from worker.sdk.signatures import UrlToken
from worker.sdk.source import Changes, Kind, Limit, Numbered, Source, bearer
from worker.settings import Connection

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answers:
    """What is answered. `drip`: waited for between two bytes, until the sender ends."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drips: bool = False

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Sender:
    """`routes`: by path with its query; several answers come one after the other, the last one for ever. `asked`: path and headers."""

    def __init__(self) -> None:
        self.routes: dict[str, list[Answers]] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def answers(self, path: str, *answers: Answers) -> None:
        self.routes[path] = list(answers)

    @property
    def paths(self) -> Sequence[str]:
        return [path for path, _ in self.asked]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(sender) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - self is the handler
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                sender.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                left = sender.routes.get(self.path, [Answers(status=404)])
                answer = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.raw)))
                self.end_headers()
                if not answer.drips:
                    self.wfile.write(answer.raw)
                    return
                for byte in answer.raw:
                    if sender.over.wait(0.02):
                        return
                    self.wfile.write(bytes([byte]))

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@dataclass
class Tokens:
    """As the port of a signer. `afresh`: how often a token was asked for that was not given out before."""

    afresh: int = 0

    def headers(self, connection: Connection, *, afresh: bool = False) -> Mapping[str, str]:
        self.afresh += afresh
        return {"Authorization": f"Bearer hemlig-nyckel-{self.afresh}-{connection.name}"}

    def fingerprint(self, connection: Connection) -> str:
        return f"f-{connection.name}"


def connection(url: str | None, *, limits: tuple[Limit, ...] = (), name: str = "avtal", **of_source: Any) -> Connection:
    contract = Kind(
        schema=Schema,
        get="/contracts/{id}",
        at="data",
        early=lambda found: "it has no template yet" if found.get("template") == 0 else None,
        secret_fields=("access_token",),
        changes=Changes(
            path="/contracts?page={page}", changed="updated", event=lambda _: None, items="data", pages=Numbered(2)
        ),
    )
    source = Source(
        url="https://api.example.com/v1", sign=bearer(), kinds={"contract": contract}, limits=limits, **of_source
    )
    connector = Connector(
        name="oneflow",
        title="Oneflow",
        signature=UrlToken(),
        event_id=extract("id"),
        event_type=extract("type"),
        handles={},
        writes={},
        source=source,
    )
    return Connection(name=name, connector=connector, settings=connector.settings(), source_url=url)
