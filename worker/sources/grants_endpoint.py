"""Asks a token endpoint: one form, one answer, within its time and size."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, TypeAlias

import httpx

from worker.http.deadline import Unreadable
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
    """Safe to share between threads. Of the transports one refuses addresses that nobody may ask, and one all but this machine's.

    They bound the answer and its time, and take nothing compressed (`worker/http/deadline.py`).
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
        http = self._near if request.trying else self._far
        try:
            answer = http.post(
                request.url,
                headers={"Accept-Encoding": "identity", "User-Agent": "upsales-relay", **request.headers},
                data=dict(request.form),
                timeout=request.seconds,
                extensions={"deadline": self._clock() + request.seconds, "most_bytes": MOST_BYTES},
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
            raise NoAnswer("the token endpoint can't be reached", sent=False) from None
        except Unreadable as error:
            raise NoAnswer(f"the answer of the token endpoint is not taken: {error}", sent=True) from None
        except httpx.HTTPError:
            raise NoAnswer("the token endpoint gave no answer that can be read", sent=True) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return TokenAnswer(answer.status_code, headers, answer.content)

    def close(self) -> None:
        self._far.close()
        self._near.close()


def _client(transport: httpx.BaseTransport) -> httpx.Client:
    return httpx.Client(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
