"""Closes connections whose peers take none of what is sent to them.

No deadline of granian's runs while an answer waits for its peer, so such a connection would be held for ever.
"""

from __future__ import annotations

import socket
import time
from threading import Thread

from web.listeners import listeners

SECONDS = 10
LOOK = 0.1


def give_up_on_silent_peers() -> None:
    """From when this process listens: granian opens its socket after the application is loaded."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        Thread(target=_once_it_listens, name="unread", daemon=True).start()


def _once_it_listens() -> None:
    while not limit_silence():
        time.sleep(LOOK)


def limit_silence(seconds: float = SECONDS) -> int:
    """On how many sockets this process listens. What is accepted there takes their option over, https://man7.org/linux/man-pages/man7/tcp.7.html."""
    with listeners() as ours:
        for listener in ours:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
        return len(ours)
