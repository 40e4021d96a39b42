"""Celery tasks: shims around worker.delivery.jobs."""

from __future__ import annotations

import os
from threading import Lock

from worker.app import app, settings, stop
from worker.delivery.jobs import Duties
from worker.queue.singletons import LOOK, PROBE, SWEEP, TIDY
from worker.queue.wakeups import TASK
from worker.runtime import Runtime

_parts: list[Duties] = []
_making = Lock()


def duties() -> Duties:
    """This process's, made with the first task."""
    with _making:
        if not _parts:
            runtime = Runtime(settings, os.environ, stop)
            stop.at_last(runtime.delivery.leave)
            _parts.append(runtime.duties())
        return _parts[0]


@app.task(name=TASK)
def deliver(event: str) -> None:
    duties().deliver(event)


@app.task(name=SWEEP)
def sweep() -> None:
    duties().sweep()


@app.task(name=TIDY)
def tidy() -> None:
    duties().tidy()


@app.task(name=PROBE)
def probe(connection: str) -> None:
    duties().probe(connection)


@app.task(name=LOOK)
def look(connection: str) -> None:
    duties().look(connection)
