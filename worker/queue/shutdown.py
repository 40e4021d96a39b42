"""Ends a process that was told to end, after a few seconds for what is under way."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import structlog

GRACE = 6.0
"""Seconds for calls that are in the air. Platforms kill after ten seconds or more: https://docs.docker.com/reference/cli/docker/container/stop/"""
LAST = 2.0
"""Seconds for what is done at the last moment."""

log = structlog.get_logger()


class Stop:
    """Called, it answers whether the process was told to end."""

    def __init__(
        self, *, wait: Callable[[float], object] = time.sleep, leave: Callable[[int], object] = os._exit
    ) -> None:
        self._wait = wait
        self._leave = leave
        self._told = threading.Event()
        self._at_last: list[Callable[[], None]] = []

    def __call__(self) -> bool:
        return self._told.is_set()

    def tell(self) -> None:
        """Fit for a signal handler: it starts nothing, writes nothing and waits for nothing."""
        self._told.set()

    def at_last(self, act: Callable[[], None]) -> None:
        """To be done before the process is ended with work in hand."""
        self._at_last.append(act)

    def run(self) -> None:
        """Wait to be told, and end a process that does not end by itself. In a thread of its own."""
        self._told.wait()
        log.info("the process was told to end")
        self._wait(GRACE)
        log.warning("calls are still under way: the process ends without their answers")
        last = threading.Thread(target=self._act, name="at last", daemon=True)
        last.start()
        last.join(LAST)
        self._leave(0)

    def _act(self) -> None:
        for act in self._at_last:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - the process ends either way
                log.warning("a last step before the end failed", error=type(error).__name__)
