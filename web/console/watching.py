"""Watches from the console: what keeps tasks from running, no task can tell."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from worker.queue.thread import DaemonThread
from worker.store import StoreUnavailable

EVERY = 30.0

_log = structlog.get_logger()


def watch_for_ever(look: Callable[[], None], sleep: Callable[[float], object] = time.sleep) -> None:
    DaemonThread(lambda: _run(look, sleep), "watch").start()


def _run(look: Callable[[], None], sleep: Callable[[float], object]) -> None:
    while True:
        try:
            look()
        except StoreUnavailable as error:
            _log.warning("nobody watches: the database is away", error=str(error))
        except Exception:  # noqa: BLE001 - the thread must outlive it
            _log.exception("watching raised unexpectedly")
        sleep(EVERY)
