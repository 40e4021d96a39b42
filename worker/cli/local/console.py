"""Tells the console's server what it serves and how."""

from __future__ import annotations

import multiprocessing
import sys

from worker.cli.local.receiver import LOGGING

APP = "web.console.wsgi:app"
MOST_THREADS = 8
KILL_SECONDS = 7


def threads(cores: int) -> int:
    """As many as granian takes without a warning at each start."""
    return min(MOST_THREADS, 2 * cores + 1)


def command(host: str, port: int) -> list[str]:
    """One process: few people ask, and whatever they ask is in the database."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws",
        "--host", host, "--port", str(port), "--workers", "1", "--blocking-threads", str(threads(multiprocessing.cpu_count())),
        "--workers-kill-timeout", str(KILL_SECONDS), "--log-level", "info", "--log-config", str(LOGGING), APP,
    ]  # fmt: skip
