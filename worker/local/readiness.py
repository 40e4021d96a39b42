"""Waiting until what was started answers."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable

from worker.errors import RelayError
from worker.local.ports import HOST

POLL = 0.05


class NotReady(RelayError):
    """Something did not answer in time."""


def wait_until(ready: Callable[[], bool], check: Callable[[], None], seconds: float, what: str) -> None:
    """`check` raises when there is no use in waiting."""
    deadline = time.monotonic() + seconds
    while not ready():
        check()
        if time.monotonic() > deadline:
            raise NotReady(f"{what} did not answer within {seconds:g} s")
        time.sleep(POLL)


def answers(port: int, path: str, text: bytes = b"") -> Callable[[], bool]:
    """Whether GET succeeds, with this text somewhere in the answer."""

    def ready() -> bool:
        connection = http.client.HTTPConnection(HOST, port, timeout=2)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status == 200 and text in response.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ready
