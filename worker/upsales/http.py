"""Sends calls to Upsales with one key, within its budget, and says what became of each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Literal, Protocol, TypeAlias
from urllib.parse import quote

import httpx

from worker.errors import Failure, Stopping, Unauthorized, Unavailable
from worker.http.deadline import CONNECT_SECONDS, DeadlineTransport, Unreadable
from worker.sync.records import Json, Permit
from worker.tracing import NO_TRACER, Span, Tracer
from worker.upsales.outcome import Call, Reply, Upload, lost, understand

Auth: TypeAlias = Literal["query", "cookie"]
"""`query` is the documented form; `cookie` works on Upsales's own hosts and keeps the key out of access logs."""


Tell: TypeAlias = Callable[[Call, str, float], object]
"""A call, how it ended, and how many seconds it took."""


def nobody(_call: Call, _outcome: str, _seconds: float) -> None:
    pass


ALLOWED = frozenset({"GET", "POST", "PUT"})
"""A key may do anything in its account; we make and change records, and delete nothing."""


class Keyed(httpx.BaseTransport):
    """Adds the key to a copy of each request, so that no log line, exception or repr made above can show it."""

    def __init__(self, inner: httpx.BaseTransport, key: str, auth: Auth) -> None:
        self._inner = inner
        self._key = key
        self._auth = auth

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method not in ALLOWED:
            raise httpx.UnsupportedProtocol(f"{request.method} is never sent to Upsales")
        url, headers = request.url, request.headers.copy()
        if self._auth == "query":
            url = url.copy_merge_params({"token": self._key})
        else:
            headers["cookie"] = f"token={quote(self._key, safe='/+=')}"
        keyed = httpx.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
        )
        return self._inner.handle_request(keyed)

    def hide(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self._key, "***").replace(quote(self._key, safe=""), "***") if self._key else text

    def close(self) -> None:
        self._inner.close()


# Their INFO lines show whole URLs: customers' e-mail addresses, even though never the key.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class Budget(Protocol):
    """The key's call windows. `account`: whose key it is, once that is known: its keys' calls of a day are counted together."""

    account: int | None

    def take(
        self, *, write: bool, leading: bool = False, priority: bool = False, behind: bool = False, spared: int = 0
    ) -> None:
        """Take one call out of them. Raises Throttled. `leading`: a read that leads to a write. `behind`: leave some to others.

        `spared`: calls that were not needed since the last one.
        """

    def learn(self, headers: Mapping[str, str]) -> None:
        """The `x-ratelimit-*` headers of an answer, names lower-cased; may be empty. Never raises."""


class HttpClient:
    """The HTTP client of one key, with no redirects, no cookies and nothing taken from the environment. Shared by threads.

    `fingerprint` names the key in failures. `tell` hears of every call and how it ended: `done`, or the class of its failure. Each call gets `call_timeout` seconds. None is begun once it is `stopping`.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        budget: Budget,
        *,
        fingerprint: str,
        auth: Auth = "query",
        call_timeout: float = 30.0,
        stopping: Callable[[], bool] = lambda: False,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        tell: Tell = nobody,
        tracer: Tracer = NO_TRACER,
    ) -> None:
        self._tell = tell
        self.budget = budget
        self.fingerprint = fingerprint
        self._keyed = Keyed(transport or DeadlineTransport(clock), key, auth)
        self._call_timeout = call_timeout
        self._stopping = stopping
        self._clock = clock
        self._tracer = tracer
        self._client = httpx.Client(
            base_url=base_url,
            transport=self._keyed,
            follow_redirects=False,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"accept": "application/json", "accept-encoding": "identity", "user-agent": "upsales-relay"},
        )

    def admit(
        self, *, write: bool, leading: bool = False, priority: bool = False, behind: bool = False, spared: int = 0
    ) -> Permit:
        """Take one call out of the budget, as `Budget.take`. Raises Throttled and Stopping."""
        if self._stopping():
            raise Stopping
        self.budget.take(write=write, leading=leading, priority=priority, behind=behind, spared=spared)
        return Permit(self._clock() + self._call_timeout)

    def send(self, call: Call, permit: Permit) -> tuple[Json, Reply]:
        """Raises Unavailable, certain that nothing was sent, when the permit's deadline has passed."""
        begun = self._clock()
        attributes = {"http.request.method": call.method, "upsales.resource": call.resource}
        with self._tracer.span(f"{call.method} {call.resource}", attributes, kind="client") as span:
            try:
                payload, reply = self._sent(call, permit, span)
            except Failure as failure:
                self._tell(call, failure.code, self._clock() - begun)
                raise
        self._tell(call, "done", self._clock() - begun)
        return payload, reply

    def _sent(self, call: Call, permit: Permit, span: Span) -> tuple[Json, Reply]:
        reply = self._exchange(call, permit.deadline)
        span.set({"http.response.status_code": reply.status})
        self.budget.learn({name: value for name, value in reply.headers.items() if name.startswith("x-ratelimit-")})
        try:
            return understand(call, reply, self._keyed.hide), reply
        except Unauthorized as failure:
            failure.key = self.fingerprint
            raise

    def close(self) -> None:
        self._client.close()

    def _exchange(self, call: Call, deadline: float) -> Reply:
        begun = self._clock()
        seconds = deadline - begun
        if seconds <= 0:
            raise Unavailable(f"{call} was not sent: its time had run out before")
        failure: Failure
        try:
            response = self._client.request(
                call.method,
                call.path,
                params=httpx.QueryParams(list(call.query)),
                json=None if call.upload else call.body,
                data=None if call.upload is None else dict(call.upload.fields),
                files=None if call.upload is None else {"file": _part(call.upload)},
                timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
                extensions={"deadline": deadline},
            )
            return Reply(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=response.content,
                duration=self._clock() - begun,
            )
        except _NOT_SENT as error:
            failure = Unavailable(f"{call} was not sent: {_why(error)}", duration=self._clock() - begun)
        except Unreadable as error:
            failure = lost(
                call, f"{call} was answered in a way that can't be read: {error}", duration=self._clock() - begun
            )
        except (httpx.HTTPError, httpx.StreamError) as error:
            failure = lost(call, f"{call} got no answer: {type(error).__name__}", duration=self._clock() - begun)
        # Raised here, so that httpx's exception, which holds the request, doesn't come along as its context.
        raise failure


def _part(upload: Upload) -> tuple[str, bytes, str]:
    return upload.name, upload.data, upload.media_type


def _why(error: Exception) -> str:
    """The words of the other kinds may quote a header or a URL."""
    return f"{error}"[:200] if isinstance(error, httpx.ConnectError) else type(error).__name__
