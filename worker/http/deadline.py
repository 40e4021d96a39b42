"""Gives a whole HTTP call one deadline; httpx times each read and write on its own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import httpcore
import httpx

CONNECT_SECONDS = 5.0
MOST_CONNECTIONS = 64
KEEPALIVE_SECONDS = 4.0
"""Short: a kept connection that the other side closes just as we write leaves a write whose outcome nobody knows."""
MOST_BYTES = 32 * 1024 * 1024
"""Of an answer, where the request says nothing else."""

_TRANSLATED: Mapping[type[Exception], type[httpx.TransportError]] = MappingProxyType(
    {
        httpcore.ConnectTimeout: httpx.ConnectTimeout,
        httpcore.ConnectError: httpx.ConnectError,
        httpcore.PoolTimeout: httpx.PoolTimeout,
        httpcore.LocalProtocolError: httpx.LocalProtocolError,
        httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
        httpcore.ReadTimeout: httpx.ReadTimeout,
        httpcore.ReadError: httpx.ReadError,
        httpcore.WriteTimeout: httpx.WriteTimeout,
        httpcore.WriteError: httpx.WriteError,
        httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    }
)


class Unreadable(httpx.TransportError):
    """An answer came that is not read to its end; the text says why and quotes nothing of it."""


class TooLarge(Unreadable):
    """It has more bytes than are taken."""


@cache
def _trust() -> ssl.SSLContext:
    """Reading the certificates takes tens of milliseconds: once a process is enough. Threads may share it."""
    return httpx.create_ssl_context(trust_env=False)


class DeadlineTransport(httpx.BaseTransport):
    """A connection pool. A request's `deadline` extension is monotonic: by then its answer is there, or it is given up.

    Its extension `most_bytes` bounds the answer. `sockets` makes the connections.
    """

    def __init__(self, clock: Callable[[], float], sockets: httpcore.NetworkBackend | None = None) -> None:
        self._countdown = _Countdown(clock)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=_Backend(self._countdown, sockets or httpcore.SyncBackend()),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._countdown.start(request.extensions["deadline"])
        url = request.url
        try:
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
            try:
                _refuse_compressed(answer)
                body = _read(answer, request.extensions.get("most_bytes", MOST_BYTES))
                # A process that was stopped meanwhile may find an answer that came too late: others count on its being lost.
                self._countdown.left(None, httpcore.ReadTimeout)
            finally:
                answer.close()
        except tuple(_TRANSLATED) as error:
            raise _TRANSLATED[type(error)](str(error)) from None
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(body))

    def close(self) -> None:
        self._pool.close()


def _refuse_compressed(answer: httpcore.Response) -> None:
    """Half a megabyte may unpack to a gigabyte, and nothing compressed was asked for."""
    for name, value in answer.headers:
        if name.lower() == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise Unreadable("it is compressed, which was not asked for")


def _read(answer: httpcore.Response, most: int) -> bytes:
    body = bytearray()
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > most:
            raise TooLarge(f"it is larger than {f'{most // 1024**2} MB' if most >= 1024**2 else f'{most} bytes'}")
    return bytes(body)


class _Countdown(threading.local):
    """The call that a thread is making."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.start(0.0)

    def start(self, deadline: float) -> None:
        self._deadline = deadline
        self.sent = False

    def left(self, timeout: float | None, late: type[Exception]) -> float:
        seconds = self._deadline - self._clock()
        if seconds <= 0:
            # Nothing has left yet: this is as certain as a refused connection.
            raise late("the call's deadline has passed") if self.sent else httpcore.ConnectTimeout("too late to send")
        return seconds if timeout is None else min(timeout, seconds)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, countdown: _Countdown, sockets: httpcore.NetworkBackend) -> None:
        self._countdown = countdown
        self._sockets = sockets

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._countdown.left(timeout, httpcore.ConnectTimeout)
        stream = self._sockets.connect_tcp(host, port, seconds, local_address, socket_options)
        return _Stream(stream, self._countdown)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, countdown: _Countdown) -> None:
        self._inner = inner
        self._countdown = countdown

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._countdown.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        seconds = self._countdown.left(timeout, httpcore.WriteTimeout)
        self._countdown.sent = True
        self._inner.write(buffer, seconds)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._countdown.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._countdown)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
