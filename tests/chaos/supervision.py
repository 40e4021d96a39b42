"""Processes that are killed, frozen and started again; none of them outlives the run."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

LOOK_EVERY = 0.1
STARTED_AGAIN_AFTER = 0.4
"""Seconds, as a platform takes to notice that a process ended."""
STOP_SECONDS = 3.0


@dataclass(slots=True)
class Supervised:
    """One process and its group. `user`: whom it runs as, where it refuses to run as root. `stop`: what ends it in peace."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    directory: Path
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM
    starts: int = 0
    ended_at: float | None = None
    held: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.directory,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
            )
        self.starts += 1
        self.ended_at = None

    def send(self, number: signal.Signals) -> None:
        """To the whole group."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def send_one(self, number: signal.Signals) -> None:
        """To the process itself, which tells its children."""
        if self.process is not None:
            self.process.send_signal(number)

    def kill_a_child(self) -> None:
        if self.process is None:
            return
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with suppress(OSError):
            for pid in children.read_text().split()[:1]:
                os.kill(int(pid), signal.SIGKILL)


class Supervision:
    """Keeps its processes running until it is closed. Use as a context manager."""

    def __init__(self) -> None:
        self._all: dict[str, Supervised] = {}
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="supervision", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()
        for each in self._all.values():
            each.send(signal.SIGCONT)
            each.send_one(each.stop)
        until = time.monotonic() + STOP_SECONDS
        for each in self._all.values():
            if each.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    each.process.wait(max(until - time.monotonic(), 0.01))
                each.send(signal.SIGKILL)
                each.process.wait()

    def start(self, process: Supervised) -> None:
        process.start()
        self._all[process.name] = process

    def __getitem__(self, name: str) -> Supervised:
        return self._all[name]

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._all)

    @property
    def starts(self) -> Mapping[str, int]:
        return {name: each.starts for name, each in self._all.items()}

    @contextmanager
    def down(self, name: str) -> Iterator[None]:
        """Kills it, and starts it again only when the block is left."""
        process = self._all[name]
        with self._starting:
            process.held = True
            process.send(signal.SIGKILL)
        if process.process is not None:
            process.process.wait()
        try:
            yield
        finally:
            process.held = False

    def _watch(self) -> None:
        while not self._closing.wait(LOOK_EVERY):
            for each in list(self._all.values()):
                with self._starting:
                    if not each.runs and not each.held:
                        self._start_again(each)

    def _start_again(self, process: Supervised) -> None:
        now = time.monotonic()
        if process.ended_at is None:
            process.ended_at = now
        elif now - process.ended_at >= STARTED_AGAIN_AFTER:
            # What a killed parent left behind would keep its port.
            process.send(signal.SIGKILL)
            process.start()


class DidNotHappen(Exception):
    """What was waited for did not come in time."""


def wait_until(happened: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            raise DidNotHappen(f"{what} within {seconds:g} s")
        time.sleep(LOOK_EVERY)
