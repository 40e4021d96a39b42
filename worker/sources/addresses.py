"""Connects to the very address that was checked: a name may lead elsewhere a moment later."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

import httpcore

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""The addresses of a name. Raises OSError."""
Address: TypeAlias = IPv4Address | IPv6Address

GIVEN_OUT: Final = IPv6Network("2000::/3")
"""All of IPv6 that belongs to anybody."""
TO_IPV4: Final = (IPv6Network("2002::/16"), IPv6Network("2001::/32"), IPv6Network("64:ff9b::/96"))
"""What leads on to an IPv4 address, which may be anybody's."""
LONGEST: Final = 5.0
MOST_LOOKUPS: Final = 16
"""At a time. The system's own look-up can't be stopped, and may take half a minute."""


def public(text: str) -> bool:
    """Whether it can be reached by everybody: no private, local, shared, reserved or multicast address, in no disguise."""
    found = _read(text)
    if found is None or not found.is_global or found.is_multicast or found.is_reserved:
        return False
    return isinstance(found, IPv4Address) or (found in GIVEN_OUT and not any(found in each for each in TO_IPV4))


def loopback(text: str) -> bool:
    found = _read(text)
    return found is not None and found.is_loopback


def system(host: str, port: int) -> Sequence[str]:
    """What the system's resolver answers."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[4][0]) for place in found))


def _read(text: str) -> Address | None:
    """None for what is no address, or one with a zone."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return None if isinstance(found, IPv6Address) and found.scope_id else found


class CheckedSockets(httpcore.NetworkBackend):
    """Makes connections to `allowed` addresses only. TLS verifies the name that was asked for, as it does without. `clock` is monotonic."""

    def __init__(
        self, allowed: Callable[[str], bool], resolve: Resolve = system, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._clock = clock
        self._sockets = httpcore.SyncBackend()
        self._lookups = threading.BoundedSemaphore(MOST_LOOKUPS)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """The addresses share the time that there is."""
        ends = self._clock() + (LONGEST if timeout is None else timeout)
        addresses = [each for each in self._looked_up(host, port, ends) if self._allowed(each)]
        failure: Exception = httpcore.ConnectError("the name leads to no address that may be read from")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                seconds = self._left(ends) / left
                return self._sockets.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _left(self, ends: float) -> float:
        seconds = ends - self._clock()
        if seconds <= 0:
            raise httpcore.ConnectTimeout("not connected in time")
        return seconds

    def _looked_up(self, host: str, port: int, ends: float) -> Sequence[str]:
        if not self._lookups.acquire(timeout=self._left(ends)):
            raise httpcore.ConnectTimeout("too many names are being looked up")
        answers: SimpleQueue[Sequence[str] | None] = SimpleQueue()

        def look_up() -> None:
            found: Sequence[str] | None = None
            try:
                with suppress(OSError, UnicodeError):
                    found = self._resolve(host, port)
            finally:
                self._lookups.release()
                answers.put(found)

        threading.Thread(target=look_up, name="lookup", daemon=True).start()
        try:
            found = answers.get(timeout=self._left(ends))
        except Empty:
            raise httpcore.ConnectTimeout("the name was not looked up in time") from None
        if found is None:
            raise httpcore.ConnectError("the name is not known")
        return found
