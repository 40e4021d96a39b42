"""Starts the receiver by its line of the Procfile, and tells what it uses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.siege.wire import HOST, SECRET, asked, head
from worker.cli.local.network import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Receiver:
    port: int
    pid: int
    log: Path

    @property
    def processes(self) -> list[int]:
        return [self.pid, *children(self.pid)]

    @property
    def megabytes(self) -> float:
        """Resident, of all its processes."""
        return sum(_resident(pid) for pid in self.processes) / 1024

    @property
    def open_files(self) -> int:
        """Of all its processes: every connection is one."""
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in self.processes)

    @property
    def log_lines(self) -> int:
        return self.log.read_bytes().count(b"\n")


@contextmanager
def serving(directory: Path) -> Iterator[Receiver]:
    port = free_port()
    environ = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(directory),
        "DATABASE_URL": f"sqlite:///{directory}/relay.db",
        "RELAY_GENERIC_API_KEY": "belägringens-nyckel",
        "RELAY_GENERIC_SECRET": SECRET,
        "RELAY_LOG": "json",
        "PORT": str(port),
    }
    subprocess.run(["sh", "-c", "exec relay release"], cwd=directory, env=environ, check=True, capture_output=True)
    log = directory / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(["sh", "-c", line("web")], cwd=directory, env=environ, stdout=output, stderr=output)
    try:
        _wait(port)
        yield Receiver(port, process.pid, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            for pid in [*children(process.pid), process.pid]:
                os.kill(pid, signal.SIGKILL)
            process.wait()


def line(name: str) -> str:
    """Of the Procfile."""
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    return next(command.strip() for found, _, command in (each.partition(":") for each in lines) if found == name)


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    return next((int(found.split()[1]) for found in status.splitlines() if found.startswith("VmRSS:")), 0)


def _wait(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while asked(port, head("GET", "/healthz"), 1.0).status != "200":
        if time.monotonic() > until:
            raise SystemExit(f"the receiver does not answer on {HOST}:{port}")
        time.sleep(0.05)
