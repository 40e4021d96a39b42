"""One run's directory, ports, keys and secrets: everything it uses is its own."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.chaos.clock import Clock
from tests.chaos.scaled import ALL_ACCOUNTS, Times

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`secrets` and `keys` by connection."""

    directory: Path
    clock: Clock
    times: Times
    sandbox_port: int
    web_port: int
    redis_url: str = field(repr=False)
    database_url: str
    secrets: Mapping[str, str] = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)
    thin_url: str
    thin_token: str = field(repr=False)
    heard_url: str

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}/api/v2"

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def url(self, connection: str) -> str:
        return f"{self.web}/webhooks/{connection}"

    @property
    def environ(self) -> Mapping[str, str]:
        """What processes get; none of the surrounding settings come along."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | {
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
            # In a container everybody is root; Celery would warn at every start.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
            "SANDBOX_KEYS": sandbox_keys(self.keys),
        }


def sandbox_keys(keys: Mapping[str, str]) -> str:
    return ",".join(f"{name}={key}@{ALL_ACCOUNTS[name]}" for name, key in keys.items())


def drawn_keys(seed: int) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Secrets and keys of every connection."""
    random = Random(f"keys {seed}")
    secrets = {name: "whsec_" + base64.b64encode(random.randbytes(24)).decode() for name in ALL_ACCOUNTS}
    return secrets, {name: random.randbytes(16).hex() for name in ALL_ACCOUNTS}


def thin_secret(seed: int) -> str:
    """Of the relay as a client of the thin sender's."""
    return Random(f"thin secret {seed}").randbytes(16).hex()


def new_port() -> int:
    """Below the range from which the system hands out ports for connections: a server that is started again finds it free."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in Random().sample(range(lowest // 2, lowest), 100):
        if _free(port):
            return port
    raise OSError("no free port found")


def _free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
