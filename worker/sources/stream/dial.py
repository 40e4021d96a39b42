"""Opens a WebSocket to the declared host, at an address that everybody may reach."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpcore
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import ClientConnection, connect

from worker.errors import ConfigError
from worker.sdk.source import where
from worker.sdk.stream import Stream
from worker.settings import Connection
from worker.sources.addresses import CheckedSockets, loopback, public
from worker.sources.stream.failures import StreamEnded, StreamRefused, StreamUnlike, TokenEnded

OPEN_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 2.0
PONG_SECONDS: Final = 20.0
PORTS: Final = {"wss": 443, "ws": 80}
TOO_BIG: Final = 1009


class Socket(Protocol):
    """An open stream."""

    def send(self, text: str) -> None: ...

    def receive(self, seconds: float) -> bytes | None:
        """None when nothing came within so many seconds. Raises StreamEnded when it is closed or does not answer pings."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection listens. `trying`: on this machine, where something stands in for the sender."""

    url: str
    trying: bool = False


def address_of(connection: Connection) -> Address:
    """Raises ConfigError."""
    stream = connection.connector.stream
    assert stream is not None, "only what has a stream is listened to"
    url = where.address(stream.url, connection.settings)
    parts = urlsplit(url)
    if parts.scheme != "wss" or not parts.hostname or parts.username:
        raise ConfigError(f"connection {connection.name}: its stream's address comes out as {url!r}: it must be wss://")
    if connection.source_url is None:
        return Address(url)
    ours = urlsplit(where.for_trying(connection.source_url))
    return Address(f"ws://{ours.netloc}{ours.path}{parts.path}", trying=True)


@contextmanager
def dialled(address: Address, headers: Mapping[str, str], stream: Stream) -> Iterator[Socket]:
    """Raises StreamEnded, TokenEnded or StreamRefused."""
    with _opened(address, headers, stream) as opened:
        yield _Open(opened, stream.most_bytes)


@dataclass(frozen=True, slots=True)
class _Open:
    connection: ClientConnection
    most_bytes: int

    def send(self, text: str) -> None:
        try:
            self.connection.send(text)
        except (ConnectionClosed, OSError) as error:
            raise _ended(error, self.most_bytes) from None

    def receive(self, seconds: float) -> bytes | None:
        try:
            message: bytes = self.connection.recv(seconds, decode=False)
        except TimeoutError:
            return None
        except (ConnectionClosed, OSError) as error:
            raise _ended(error, self.most_bytes) from None
        return bytes(message)


@contextmanager
def _opened(address: Address, headers: Mapping[str, str], stream: Stream) -> Iterator[ClientConnection]:
    parts = urlsplit(address.url)
    sock = _socket(parts.hostname or "", parts.port or PORTS[parts.scheme], loopback if address.trying else public)
    try:
        opened = connect(
            address.url,
            sock=sock,
            ssl=ssl.create_default_context() if parts.scheme == "wss" else None,
            additional_headers=dict(headers),
            user_agent_header="upsales-relay",
            # A message that is small on the wire may unpack to a gigabyte.
            compression=None,
            proxy=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            ping_interval=stream.keep_alive,
            ping_timeout=PONG_SECONDS,
            max_size=stream.most_bytes,
            legacy=True,
        )
    except (OSError, EOFError, InvalidURI, InvalidHandshake) as error:  # timeouts, TLS and resets are OSErrors
        with suppress(OSError):
            sock.close()
        raise _understood(error) from None
    with opened:
        yield opened


def _socket(host: str, port: int, allowed: Callable[[str], bool]) -> socket.socket:
    try:
        stream = CheckedSockets(allowed).connect_tcp(host, port, OPEN_SECONDS)
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise StreamEnded(f"can't be reached: {str(error) or 'no answer in time'}") from None
    found = stream.get_extra_info("socket")
    assert isinstance(found, socket.socket)
    return found


def _understood(error: Exception) -> Exception:
    if isinstance(error, InvalidStatus):
        return _refused(error.response.status_code)
    if isinstance(error, InvalidURI | InvalidHandshake):
        return StreamUnlike("what answers there opens no WebSocket")
    return StreamEnded(f"can't be opened: {type(error).__name__}")


def _refused(status: int) -> Exception:
    if status == 401:
        return TokenEnded("the request that opens it was answered 401")
    if status == 403:
        return StreamRefused("the request that opens it was answered 403: this token may not listen")
    if status == 429 or status >= 500:
        return StreamEnded(f"the request that opens it was answered {status}")
    return StreamUnlike(f"the request that opens it was answered {status}")


def _ended(error: Exception, most_bytes: int) -> Exception:
    ours = error.sent if isinstance(error, ConnectionClosed) else None
    if ours is not None and ours.code == TOO_BIG:
        return StreamUnlike(f"a message is larger than {most_bytes} bytes")
    theirs = error.rcvd if isinstance(error, ConnectionClosed) else None
    return StreamEnded(f"it was closed{f' with {theirs.code}' if theirs else ''}")
