"""Closes connections whose peers take none of what is sent to them.

No deadline of granian's runs while an answer waits for its peer, so such a connection would be held for ever.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

SECONDS = 10
LOOK = 0.1
OPEN_FILES = Path("/dev/fd")


def give_up_on_silent_peers() -> None:
    """From when this process listens: granian opens its socket after the application is loaded."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        Thread(target=_once_it_listens, name="unread", daemon=True).start()


def _once_it_listens() -> None:
    while not limit_silence():
        time.sleep(LOOK)


def limit_silence(seconds: float = SECONDS) -> int:
    """On how many sockets this process listens. What is accepted there takes their option over, https://man7.org/linux/man-pages/man7/tcp.7.html."""
    doors = list(_doors())
    for door in doors:
        with door:
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
    return len(doors)


def _doors() -> Iterator[socket.socket]:
    """A second handle of each, which is the caller's to close."""
    for file in [int(each.name) for each in OPEN_FILES.iterdir()]:
        found = _socket(file)
        if found is not None:
            if _is_door(found):
                yield found
            else:
                found.close()


def _socket(file: int) -> socket.socket | None:
    try:
        handle = os.dup(file)
    except OSError:  # closed meanwhile
        return None
    try:
        return socket.socket(fileno=handle)
    except OSError:  # no socket
        os.close(handle)
        return None


def _is_door(found: socket.socket) -> bool:
    """Whether it listens for TCP."""
    is_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
    return is_tcp and bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
