"""Defines the Celery tasks: each calls one method of worker.delivery.jobs."""

from __future__ import annotations

import os
from functools import partial
from threading import Lock

from worker import tracing
from worker.app import app, settings, stop
from worker.delivery.jobs import Jobs
from worker.queue.singletons import PROBE, RECHECK, SWEEP, TIDY
from worker.queue.wakeups import TASK
from worker.runtime import Runtime

FLUSH = 1.0
"""Seconds for the last spans, when the process is ended with work in hand."""

_parts: list[Jobs] = []
_making = Lock()


def jobs() -> Jobs:
    """This process's, made with the first task."""
    with _making:
        if not _parts:
            tracer = tracing.started(os.environ, "relay-worker")
            runtime = Runtime(settings, os.environ, stop, tracer)
            stop.at_last(runtime.delivery.leave)
            stop.at_last(partial(tracer.flush, FLUSH))
            _parts.append(runtime.jobs())
        return _parts[0]


@app.task(name=TASK)
def deliver(event: str) -> None:
    jobs().deliver(event)


@app.task(name=SWEEP)
def sweep() -> None:
    jobs().sweep()


@app.task(name=TIDY)
def tidy() -> None:
    jobs().tidy()


@app.task(name=PROBE)
def probe(connection: str) -> None:
    jobs().probe(connection)


@app.task(name=RECHECK)
def recheck(connection: str) -> None:
    jobs().recheck(connection)
