"""Tells the receiver's server what it speaks, how long it waits, and how much it holds."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

APP = "web.rsgi:front"
PROCESSES = 2
CONNECTIONS = 4096
"""Of one process. More than these wait in the kernel's queue."""
WAITING = 2048
SPARE_FILES = 256
"""For the database, Redis and logs; a process that has a file for every connection but none for these would be no use."""
LOGGING = Path(__file__).with_name("granian.json")
"""Has granian write what it says as everybody else here does. Its access log stays off: it would hold whole URLs."""
HEAD_BYTES = 32 * 1024
HEAD_MILLISECONDS = 5000
KILL_SECONDS = 7


def command(host: str, port: int, processes: int = PROCESSES, app: str = APP) -> list[str]:
    """HTTP/1 only: granian would speak HTTP/2 to whoever begins with it, and no sender does so without TLS, which ends before us."""
    return [
        sys.executable, "-m", "web.server", "--interface", "rsgi", "--http", "1", "--no-ws",
        "--host", host, "--port", str(port), "--workers", str(processes),
        "--http1-header-read-timeout", str(HEAD_MILLISECONDS), "--http1-buffer-size", str(HEAD_BYTES),
        "--backlog", str(WAITING), "--backpressure", str(min(CONNECTIONS, max(64, _files() - SPARE_FILES))),
        "--workers-kill-timeout", str(KILL_SECONDS), "--log-level", "info",
        "--log-config", str(LOGGING), app,
    ]  # fmt: skip


def raise_file_limit() -> None:
    """Of this process and all it starts: every connection is a file, and many systems begin with 1 024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _files() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS + SPARE_FILES if soft == resource.RLIM_INFINITY else soft
