"""Runs granian with one listening socket for all processes of the receiver.

granian gives each process a socket of its own. What waits in the queue of one that ends is reset; and where a machine is busy, all
have ended before the first new one listens. Connections to a socket that stays open wait in its queue instead.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

from granian import cli
from granian._granian import SocketHolder
from granian.server import MPServer, mp
from granian.server.mp import WorkerProcess

from web.listeners import ACCEPT_NO_MORE

FIRST_FILE = 3
CHECK = (sys.executable, "-m", "worker.cli", "check")
CHECK_SECONDS = 30.0
SETTLE_SECONDS = 0.3
"""In which what was accepted has begun to be read."""


class Process(WorkerProcess):
    def terminate(self) -> None:
        self.interrupt_by_parent = True
        with suppress(ProcessLookupError):
            os.kill(self.inner.pid, ACCEPT_NO_MORE)
            time.sleep(SETTLE_SECONDS)
        super().terminate()  # type: ignore[no-untyped-call]


class Server(MPServer):
    """`python -m web.server` takes granian's own options."""

    def _init_shared_socket(self) -> None:
        self._sso = _handed_over() or _listening(self.bind_addr, self.bind_port, self.backlog)
        self._shd: Any = SocketHolder(self._sso.fileno(), False, self.backlog)  # type: ignore[call-arg]

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        """Processes that can't start would end the whole: what runs goes on with the settings that it has."""
        if _settings_are_right():
            super().signal_handler_reload(*args, **kwargs)  # type: ignore[no-untyped-call]


def _handed_over() -> socket.socket | None:
    """The socket that systemd holds while we restart, https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html."""
    ours = os.environ.pop("LISTEN_PID", "") == str(os.getpid())
    return socket.socket(fileno=FIRST_FILE) if os.environ.pop("LISTEN_FDS", "") == "1" and ours else None


def _listening(host: str, port: int, backlog: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=backlog)


def _settings_are_right() -> bool:
    """The reason is on standard error, from the command itself."""
    try:
        done = subprocess.run(CHECK, stdin=subprocess.DEVNULL, timeout=CHECK_SECONDS, check=False)  # noqa: S603 - our own program, no shell
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main() -> None:
    # Inherited: a process that is still loading, or is another application's, must not end by it.
    signal.signal(ACCEPT_NO_MORE, signal.SIG_IGN)
    # Its command line has no other way to be told of them.
    mp.WorkerProcess = Process  # type: ignore[misc]
    cli.Server = Server  # type: ignore[attr-defined]
    cli.entrypoint()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
