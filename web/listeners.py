"""Knows on which sockets this process listens, and stops to accept there.

Nothing is duplicated and closed again to find out: to close any handle of a file gives up all locks that this process has on it, SQLite's
too, https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPEN_FILES = Path("/dev/fd")
ACCEPT_NO_MORE = signal.SIGUSR1


@contextmanager
def listeners() -> Iterator[list[socket.socket]]:
    """Those of TCP. They are granian's: good until the block ends, and not to be closed."""
    found = list(_sockets())
    try:
        yield [each for each in found if _listens(each)]
    finally:
        for each in found:
            each.detach()


def accept_no_more_when_told() -> None:
    """Granian closes what it has accepted and not yet read of, as soon as it is told to stop: who has just called gets no answer."""
    signal.signal(ACCEPT_NO_MORE, lambda *_: accept_no_more())


def accept_no_more() -> None:
    """In the place of each listening socket comes one that nobody knows of. The queue stays, for the processes that share it."""
    with listeners() as ours, socket.create_server(("127.0.0.1", 0)) as unknown:
        unknown.setblocking(False)
        for listener in ours:
            os.dup2(unknown.fileno(), listener.fileno())


def _sockets() -> Iterator[socket.socket]:
    for file in [int(each.name) for each in OPEN_FILES.iterdir()]:
        try:
            if stat.S_ISSOCK(os.fstat(file).st_mode):
                yield socket.socket(fileno=file)
        except OSError:  # closed meanwhile
            continue


def _listens(found: socket.socket) -> bool:
    try:
        is_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
        return is_tcp and bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:  # closed meanwhile
        return False
