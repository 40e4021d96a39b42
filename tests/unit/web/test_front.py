"""The front: a body is read before a thread answers, whatever comes, and its end is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.senders import CONNECTIONS, SECRET, deal, signed
from tests.unit.web.door import Committed, opened
from web import environ
from web.admission import Admission
from web.front import Front, limits

LIMIT = CONNECTIONS["acme"].body_limit


class Headers(dict[str, str]):
    """Of a request."""

    def items(self) -> Any:
        return list(super().items())


@dataclass
class Scope:
    """A request as granian describes it."""

    path: str = "/webhooks/acme"
    method: str = "POST"
    headers: environ.Headers = field(default_factory=Headers)
    query_string: str = ""
    proto: str = "http"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "192.0.2.7:40000"
    scheme: str = "http"
    authority: str | None = None


@dataclass
class Http:
    """Its body, in pieces, and its answer."""

    pieces: Sequence[bytes | Exception] = ()
    never: bool = False
    answer: tuple[int, Any] | None = None
    asked_for: int = 0

    def __call__(self) -> Awaitable[bytes]:
        return self._whole()

    async def _whole(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.asked_for += 1
            if isinstance(piece, Exception):
                raise piece
            yield piece
        if self.never:
            await asyncio.Event().wait()

    def response_bytes(self, status: int, _headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.answer = status, json.loads(body or b"null")


def request(body: bytes, **headers: str) -> Scope:
    return Scope(headers=Headers({"content-length": str(len(body)), "host": "relay", **headers}))


def chunked(**headers: str) -> Scope:
    return Scope(headers=Headers({"transfer-encoding": "chunked", "host": "relay", **headers}))


def small(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def asked(
    scope: Scope, http: Http, admission: Admission | None = None, meanwhile: Callable[[], None] = lambda: None
) -> Http:
    """`meanwhile` happens when the front waits for the body."""

    async def run() -> None:
        app = opened(Committed()).application
        front = Front(app, limits(CONNECTIONS), admission, threads=2, look_every=0.0)
        front.__rsgi_init__(asyncio.get_running_loop())
        task = asyncio.ensure_future(front.__rsgi__(scope, http))
        for _ in range(3):
            await asyncio.sleep(0)
        meanwhile()
        await task

    asyncio.run(run())
    return http


def test_a_signed_webhook_is_accepted() -> None:
    body = deal("å-1")
    http = asked(request(body, **small(signed(body))), Http([body]))

    assert http.answer is not None
    assert (http.answer[0], http.answer[1]["status"]) == (202, "accepted")


def test_so_is_one_whose_length_nobody_told() -> None:
    body = deal("å-2")
    http = asked(chunked(**small(signed(body))), Http([body[:9], body[9:], b""]))

    assert http.answer is not None
    assert http.answer[0] == 202


@pytest.mark.parametrize(
    ("scope", "pieces"),
    [
        (request(b"x" * 500), [ConnectionError()]),
        (chunked(), [b'{"id":"e"}', b"", b""]),
    ],
    ids=["with a length", "in chunks"],
)
def test_a_body_that_is_cut_short_is_never_one(scope: Scope, pieces: Sequence[bytes | Exception]) -> None:
    scope.path = f"/webhooks/tokens/{SECRET}"

    http = asked(scope, Http(pieces))

    assert http.answer is not None
    assert http.answer[0] == 400
    assert "ended before all of it" in http.answer[1]["detail"]


def test_of_what_is_too_large_nothing_is_read() -> None:
    scope = Scope(headers=Headers({"content-length": str(LIMIT + 1), "host": "relay"}))
    http = asked(scope, Http([b"x"]))

    assert http.answer is not None
    assert (http.answer[0], http.asked_for) == (413, 0)


def test_what_grows_too_large_is_read_no_further() -> None:
    http = asked(chunked(), Http([b"x" * LIMIT, b"x", b"x", b"x", b""]))

    assert http.answer is not None
    assert (http.answer[0], http.asked_for) == (413, 2)


@pytest.mark.parametrize("path", ["/webhooks/nobody", "/healthz", "/", "/webhooks/", "/webhooks"])
def test_a_stranger_who_knows_no_name_gets_no_body_read(path: str) -> None:
    scope = request(b"x")
    scope.path = path
    http = asked(scope, Http([b"x"]))

    assert http.answer is not None
    assert (http.answer[0] in (404, 405), http.asked_for) == (True, 0)


def test_a_body_that_does_not_come_is_answered_408() -> None:
    admission = Admission(seconds=0.0, now=lambda: 0.0)
    http = asked(request(b"x" * 100), Http([b"x"], never=True), admission, admission.expire)

    assert http.answer is not None
    assert (http.answer[0], admission.held, admission.readings) == (408, 0, 0)


def test_when_nothing_can_be_held_any_more_it_says_come_again() -> None:
    http = asked(request(b"x" * 100), Http([b"x" * 100]), Admission(held=50))

    assert http.answer is not None
    assert http.answer[0] == 503
