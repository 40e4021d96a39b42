"""Reads every body on the event loop, and lets a bounded number of threads answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
    ServiceUnavailable,
)

from web.admission import MOST_BYTES, Admission, Full, Reading
from web.environ import Scope, environ_of
from worker.settings import Connection

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

THREADS = 16
"""A process's requests in flight share one commit: the more of them, the fewer commits."""
LOOK_EVERY = 0.25
RETRY_AFTER = 5

_log = structlog.get_logger()


class Http(Protocol):
    """The other half of a request of RSGI: its body and its answer. An answer may leave from any thread."""

    def __call__(self) -> Awaitable[bytes]: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class Front:
    """What granian serves. `limit_of` tells how many bytes of body a path takes; of those it takes none of, none are read."""

    def __init__(
        self,
        app: WSGIApplication,
        limit_of: Callable[[str], int],
        admission: Admission | None = None,
        threads: int = THREADS,
        look_every: float = LOOK_EVERY,
    ) -> None:
        self._app = app
        self._limit_of = limit_of
        self._admission = admission or Admission()
        self._threads = threads
        self._look_every = look_every
        self._jobs: SimpleQueue[tuple[WSGIEnvironment, Http, asyncio.Future[None], Reading | None]] = SimpleQueue()
        self._working = [False] * threads
        self._at_last: list[Callable[[], object]] = []
        self._answered: deque[tuple[asyncio.Future[None], Reading | None]] = deque()

    def busy(self) -> int:
        """How many of its threads answer a request now."""
        return sum(self._working)

    def at_last(self, act: Callable[[], object]) -> None:
        """To be done when the server ends."""
        self._at_last.append(act)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        for number in range(self._threads):
            Thread(target=self._answer_for_ever, args=(number,), name=f"answer-{number}", daemon=True).start()
        self._look()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._settle()
        loop.run_until_complete(asyncio.sleep(0))
        for act in self._at_last:
            act()

    async def __rsgi__(self, scope: Scope, http: Http) -> None:
        self._settle()
        headers = scope.headers
        length, chunked = headers.get("content-length"), headers.get("transfer-encoding") is not None
        if not chunked and length in (None, "0"):
            await self._answer(environ_of(scope, b""), http)
            return
        limit = self._limit_of(scope.path)
        size = limit if chunked or length is None or not length.isdecimal() else int(length)
        if not limit:
            await self._answer(environ_of(scope, b""), http)
        elif size > limit:
            await self._answer(environ_of(scope, RequestEntityTooLarge()), http)
        else:
            await self._read_and_answer(scope, http, size, limit if chunked else None)

    async def _read_and_answer(self, scope: Scope, http: Http, size: int, most: int | None) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            reading = self._admission.begin(size, task.cancel)
        except Full:
            await self._answer(environ_of(scope, ServiceUnavailable(retry_after=RETRY_AFTER)), http)
            return
        try:
            body = await self._read(http, reading, most)
            if reading.given_up:
                task.uncancel()
            await self._answer(environ_of(scope, body), http, reading)
        finally:
            self._admission.let_go(reading)

    async def _read(self, http: Http, reading: Reading, most: int | None) -> bytes | HTTPException:
        """With `most`, a body of unknown length."""
        try:
            return await (http() if most is None else _in_pieces(http, most))
        except asyncio.CancelledError:
            if reading.given_up:
                return RequestTimeout()
            raise
        except HTTPException as refused:
            return refused
        except Exception:  # noqa: BLE001 - granian's own, of no public type
            return BadRequest("The body ended before all of it had come.")
        finally:
            self._admission.read(reading)

    async def _answer(self, environ: WSGIEnvironment, http: Http, reading: Reading | None = None) -> None:
        answered = self._loop.create_future()
        self._jobs.put((environ, http, answered, reading))
        await answered

    def _answer_for_ever(self, number: int) -> None:
        while True:
            self._working[number] = False
            environ, http, answered, reading = self._jobs.get()
            self._working[number] = True
            try:
                http.response_bytes(*_respond(self._app, environ))
            except Exception:  # noqa: BLE001 - the thread must outlive it; granian answers 500
                _log.exception("unanswered")
            # The answer has left. The loop hears of it when it next has something to do: to wake it costs more than the rest.
            self._answered.append((answered, reading))

    def _settle(self) -> None:
        while self._answered:
            answered, reading = self._answered.popleft()
            if reading is not None:
                self._admission.let_go(reading)
            if not answered.done():
                answered.set_result(None)

    def _look(self) -> None:
        self._settle()
        self._admission.expire()
        self._loop.call_later(self._look_every, self._look)


async def _in_pieces(http: Http, most: int) -> bytes:
    """A body ends with an empty piece, one that broke off with two; so does one with trailers, which no sender has."""
    pieces: list[bytes] = []
    size = ends = 0
    async for piece in http:
        size += len(piece)
        if size > most:
            raise RequestEntityTooLarge
        pieces.append(piece)
        ends += not piece
    if ends != 1:
        raise BadRequest("The body ended before all of it had come.")
    return b"".join(pieces)


def _respond(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, list[tuple[str, str]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
        started.append((status, headers))
        return _no_write

    answer = app(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        if close := getattr(answer, "close", None):
            close()
    status, headers = started[-1]
    return int(status[:3]), headers, body


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("No part of this application writes without returning what it writes.")


def front_of(app: WSGIApplication, connections: Mapping[str, Connection]) -> Front:
    largest = max((connection.body_limit for connection in connections.values()), default=0)
    return Front(app, limits(connections), Admission(held=max(MOST_BYTES, 2 * largest)))


def limits(connections: Mapping[str, Connection]) -> Callable[[str], int]:
    """What each connection's webhooks may hold; whatever else is asked for takes no body."""

    def limit_of(path: str) -> int:
        _, webhooks, name, *_ = (*path.split("/", 3), "", "")
        connection = connections.get(name) if webhooks == "webhooks" else None
        return connection.body_limit if connection else 0

    return limit_of
