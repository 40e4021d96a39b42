"""Ends a process whose parent is gone.

Processes of granian outlive it when it is killed, and hold the port.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from multiprocessing import parent_process
from threading import Thread

LOOK = 0.5
GRACE = 7.0


def end_with_parent() -> None:
    """The parent may be gone before this is called: loading takes seconds on a machine that is busy."""
    started_by = parent_process()
    parent = started_by.pid if started_by else os.getppid()
    Thread(target=watch, args=(lambda: os.getppid() == parent,), name="orphan", daemon=True).start()


def watch(
    has_parent: Callable[[], bool],
    *,
    wait: Callable[[float], object] = time.sleep,
    tell: Callable[[], object] = lambda: os.kill(os.getpid(), signal.SIGTERM),
    leave: Callable[[int], object] = os._exit,
) -> None:
    """What is in hand is finished, as after a TERM; and a process that does not end by itself is ended."""
    while has_parent():
        wait(LOOK)
    tell()
    wait(GRACE)
    leave(1)
