"""Asks a token endpoint: one form, one answer, within its time and size."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, TypeAlias

import httpx

from worker.sources.grants_answer import TokenAnswer
from worker.sources.grants_request import TokenRequest

MOST_BYTES: Final = 256 * 1024


class NoAnswer(Exception):
    """`sent`: whether the request may have left. The text quotes nothing of it."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


Ask: TypeAlias = Callable[[TokenRequest], TokenAnswer]
"""Raises NoAnswer."""


class TokenEndpoint:
    """Safe to share between threads.

    `transport` refuses addresses that nobody may ask, `on_this_machine` all others; they get the deadline as an extension.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport,
        on_this_machine: httpx.BaseTransport,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._far, self._near = _client(transport), _client(on_this_machine)
        self._clock = clock

    def __call__(self, request: TokenRequest) -> TokenAnswer:
        deadline = self._clock() + request.seconds
        headers = {"Accept-Encoding": "identity", "User-Agent": "upsales-relay", **request.headers}
        http = self._near if request.trying else self._far
        try:
            with http.stream(
                "POST",
                request.url,
                headers=headers,
                data=dict(request.form),
                timeout=request.seconds,
                extensions={"deadline": deadline, "most_bytes": MOST_BYTES},
            ) as answer:
                return TokenAnswer(answer.status_code, _lowered(answer.headers), self._body(answer, deadline))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
            raise NoAnswer("the token endpoint can't be reached", sent=False) from None
        except httpx.HTTPError:
            raise NoAnswer("the token endpoint gave no answer that can be read", sent=True) from None

    def close(self) -> None:
        self._far.close()
        self._near.close()

    def _body(self, answer: httpx.Response, deadline: float) -> bytes:
        if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise NoAnswer("the token endpoint answered compressed, which was not asked for", sent=True)
        body = bytearray()
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > MOST_BYTES:
                raise NoAnswer("the token endpoint answered more than a token", sent=True)
            if self._clock() > deadline:
                raise NoAnswer("the token endpoint did not answer in time", sent=True)
        return bytes(body)


def _client(transport: httpx.BaseTransport) -> httpx.Client:
    return httpx.Client(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


def _lowered(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
