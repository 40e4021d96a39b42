"""Runs supervisord so that it ends when the process that started it ends.

`python -m worker.cli.local.supervisord CONFIG`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _end_with_parent() -> None:
    """Standard input is a pipe that nobody writes to: it ends when the process that holds its other end does."""
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    from supervisor.supervisord import main as supervise

    threading.Thread(target=_end_with_parent, name="leash", daemon=True).start()
    supervise(["-n", "-c", sys.argv[1]])


if __name__ == "__main__":
    main()
