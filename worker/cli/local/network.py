"""Finds free ports, and waits until a started process answers."""

from __future__ import annotations

import http.client
import random
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path

from worker.errors import ConfigError, RelayError

HOST = "127.0.0.1"


QUIET = range(20_000, 32_000)
"""Below the ports that systems give to who calls out: until a server listens on its port, one of them might take it."""


def free_port() -> int:
    return next(port for port in iter(lambda: random.choice(QUIET), None) if _free(port))  # noqa: S311 - no secret


def refuse_taken(ports: Mapping[str, int]) -> None:
    """`ports`: the environment variable by which each is chosen → the port."""
    seen: dict[int, str] = {}
    for name, port in ports.items():
        if other := seen.get(port):
            raise ConfigError(f"{other} and {name} are both {port}; set one of them to another port")
        seen[port] = name
        if not _free(port):
            raise ConfigError(f"port {port} is in use; set {name} to another one, or stop what uses it")


def _free(port: int) -> bool:
    try:
        with socket.create_server((HOST, port)):
            return True
    except OSError:
        return False


POLL = 0.05


class NotReady(RelayError):
    """Something did not answer in time."""


def wait_until(ready: Callable[[], bool], check: Callable[[], None], seconds: float, what: str, logs: Path) -> None:
    """`check` raises when there is no use in waiting."""
    deadline = time.monotonic() + seconds
    while not ready():
        check()
        if time.monotonic() > deadline:
            raise NotReady(f"{what} did not answer within {seconds:g} s; its log is in {logs}")
        time.sleep(POLL)


def answers(port: int, path: str, text: bytes = b"", *, login: str = "") -> Callable[[], bool]:
    """Whether GET succeeds, with this text somewhere in the answer. `login`: user:password, where one is asked for."""
    headers = {"Authorization": f"Basic {b64encode(login.encode()).decode()}"} if login else {}

    def ready() -> bool:
        connection = http.client.HTTPConnection(HOST, port, timeout=2)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status == 200 and text in response.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ready
