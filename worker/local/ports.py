"""Ports on this machine: free ones, and those that are taken."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from worker.errors import ConfigError

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


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
