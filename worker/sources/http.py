"""Sends a signed request to a sender's API, within its hosts, a deadline and a size."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from worker.errors import Failure, NotAsDeclared, SourceForbidden, SourceUnavailable
from worker.http.deadline import CONNECT_SECONDS, DeadlineTransport, TooLarge, Unreadable
from worker.sources.addresses import CheckedSockets, Resolve, loopback, public, system
from worker.sources.hosts import Place
from worker.sources.outcome import Reply

MOST_REDIRECTS: Final = 3
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
ALWAYS: Final = {"accept-encoding": "identity"}
"""Nothing compressed is taken: half a megabyte may unpack to a gigabyte."""

# Their INFO lines show whole URLs, which hold ids of people's things.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def our_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer may be. `accept`: its media types, where they are others than usual. `exceeded`: what one means that is larger. `elsewhere`: it may be on any host."""

    accept: str | None
    most_bytes: int
    exceeded: type[Failure]
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One signed request and where it is redirected to. `begun`: by the monotonic clock. `wanted`: what is asked for, where it is no JSON. `strange`: it left the declared hosts."""

    what: str
    signed: Mapping[str, str] = field(repr=False)
    begun: float
    wanted: Wanted | None = None
    strange: bool = False


class SourceHttp:
    """The HTTP client of one connection's source: no cookies, nothing taken from the environment. Shared by threads. `clock` is monotonic."""

    def __init__(
        self,
        place: Place,
        headers: Mapping[str, str],
        *,
        timeout: float,
        most_bytes: int,
        resolve: Resolve = system,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = our_clock,
    ) -> None:
        self._place = place
        self._timeout = timeout
        self._most_bytes = most_bytes
        self._clock = clock
        self._now = now
        sockets = CheckedSockets(public if place.trying is None else loopback, resolve, clock)
        transport = DeadlineTransport(clock, sockets)
        self._client = _client(transport, {"accept": "application/json", **headers})
        self._stranger = _client(transport, {})

    def get(
        self,
        what: str,
        address: str,
        signed: Mapping[str, str],
        before_redirect: Callable[[], None],
        wanted: Wanted | None = None,
    ) -> Reply:
        """`what` begins the line of a failure. `before_redirect` is called before each request but the first. `wanted`: where it is no JSON.

        Raises SourceUnavailable, NotAsDeclared, and what `wanted` says.
        """
        exchange = _Exchange(what, signed, self._clock(), wanted)
        url = self._place.allowed(address)
        if url is None:
            raise NotAsDeclared(f"{what}: its address is on no host that the connector declares")
        response = self._sent(exchange, url)
        for _ in range(MOST_REDIRECTS):
            if response.status_code not in REDIRECTS:
                break
            target, exchange = self._redirected(exchange, response)
            before_redirect()
            response = self._sent(exchange, target)
        return self._reply(response, self._since(exchange))

    def close(self) -> None:
        self._client.close()
        self._stranger.close()

    def _redirected(self, exchange: _Exchange, response: httpx.Response) -> tuple[httpx.URL, _Exchange]:
        """To another host a sender redirects while it is being mended, too: that passes. What is stored elsewhere is fetched as by a stranger."""
        try:
            address = str(response.url.join(response.headers.get("location", "")))
        except (httpx.InvalidURL, ValueError):
            address = ""
        url = None if exchange.strange else self._place.allowed(address)
        if url is not None:
            return url, exchange
        url = self._place.elsewhere(address) if exchange.wanted is not None and exchange.wanted.elsewhere else None
        if url is None:
            line = f"{exchange.what}: it redirects to a host that the connector does not declare"
            raise SourceUnavailable(line, status=response.status_code, duration=self._since(exchange))
        return url, replace(exchange, signed={}, strange=True)

    def _sent(self, exchange: _Exchange, url: httpx.URL) -> httpx.Response:
        what, deadline = exchange.what, exchange.begun + self._timeout
        wanted = exchange.wanted or Wanted(None, self._most_bytes, NotAsDeclared)
        accept = {"accept": wanted.accept} if wanted.accept else {}
        seconds = deadline - self._clock()
        if seconds <= 0:
            raise SourceUnavailable(f"{what}: it took too long", duration=self._since(exchange))
        failure: Failure
        try:
            return (self._stranger if exchange.strange else self._client).get(
                url,
                headers={**exchange.signed, **ALWAYS, **accept},
                timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
                extensions={"deadline": deadline, "most_bytes": wanted.most_bytes},
            )
        except TooLarge as error:
            failure = wanted.exceeded(f"{what}: the answer is not taken: {error}", duration=self._since(exchange))
        except Unreadable as error:
            failure = SourceUnavailable(f"{what}: the answer is not taken: {error}", duration=self._since(exchange))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            failure = SourceUnavailable(f"{what}: no answer: {_why(error)}", duration=self._since(exchange))
        except UnicodeEncodeError:
            failure = SourceForbidden(f"{what}: its token has a character that no header can hold")
        # Raised here, so that httpx's exception, which holds the signed request, doesn't come along as its context.
        raise failure

    def _since(self, exchange: _Exchange) -> float:
        return self._clock() - exchange.begun

    def _reply(self, response: httpx.Response, duration: float) -> Reply:
        return Reply(
            url=str(response.url),
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=response.content,
            duration=duration,
            at=self._now(),
        )


def _client(transport: httpx.BaseTransport, headers: Mapping[str, str]) -> httpx.Client:
    return httpx.Client(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"user-agent": "upsales-relay", **headers},
    )


def _why(error: Exception) -> str:
    """The words of the other kinds may quote a header or a URL."""
    return f"{error}"[:200] if isinstance(error, httpx.ConnectError) else type(error).__name__
