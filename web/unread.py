"""Closes connections whose peers take none of what is sent to them.

No deadline of granian's runs while an answer waits for its peer, so such a connection would be held for ever.
"""

from __future__ import annotations

import os
import socket
import stat
import time
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
    files = [int(each.name) for each in OPEN_FILES.iterdir()]
    return sum(_limited(file, int(seconds * 1000)) for file in files)


def _limited(file: int, milliseconds: int) -> bool:
    """Whether it is a door.

    Nothing is duplicated and closed again: to close any handle of a file gives up all locks that this process has on it,
    SQLite's too, https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_.
    """
    try:
        found = socket.socket(fileno=file) if stat.S_ISSOCK(os.fstat(file).st_mode) else None
    except OSError:  # closed meanwhile
        return False
    if found is None:
        return False
    try:
        door = _is_door(found)
        if door:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    except OSError:  # closed meanwhile
        return False
    finally:
        found.detach()
    return door


def _is_door(found: socket.socket) -> bool:
    """Whether it listens for TCP."""
    is_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
    return is_tcp and bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
