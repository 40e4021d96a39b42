"""Defines the Celery tasks: each calls one method of worker.delivery.jobs.

Only deliveries send task events: what Flower lists are events, no upkeep.
"""

from __future__ import annotations

import os
from functools import partial
from threading import Lock
from typing import Any

from celery.signals import worker_ready, worker_shutdown
from celery.worker import state

from worker import tracing
from worker.app import app, settings, stop
from worker.delivery.jobs import Jobs
from worker.instruments.heartbeat import Heartbeat, Who
from worker.queue import task_events
from worker.queue.singletons import BACKFILL, CATCH_UP, PROBE, RECHECK, RENEW, SEARCH, SWEEP, TIDY, WATCH
from worker.queue.wakeups import TASK
from worker.runtime import Runtime

FLUSH = 1.0
"""Seconds for the last spans, when the process is ended with work in hand."""

_parts: list[tuple[Runtime, Jobs]] = []
_making = Lock()


def jobs() -> Jobs:
    return _made()[1]


def _made() -> tuple[Runtime, Jobs]:
    """This process's, made with the first task or when the worker is ready."""
    with _making:
        if not _parts:
            tracer = tracing.started(os.environ, "relay-worker")
            runtime = Runtime(settings, os.environ, stop, tracer)
            stop.at_last(runtime.delivery.leave)
            stop.at_last(partial(tracer.flush, FLUSH))
            _parts.append((runtime, runtime.jobs()))
        return _parts[0]


@worker_ready.connect  # type: ignore[untyped-decorator, unused-ignore]
def _live(sender: Any, **_: Any) -> None:
    """Give signs of life until the worker ends."""
    runtime, _jobs = _made()
    who = Who(kind="worker", threads=sender.controller.concurrency, busy=lambda: len(state.active_requests))
    heart = Heartbeat(runtime.store, who, runtime.tally)
    stop.at_last(heart.end)
    worker_shutdown.connect(lambda **_: heart.end(), weak=False)
    heart.start()


@app.task(name=TASK, bind=True, Request="worker.queue.task_events:Request")
def deliver(self: Any, event: str) -> None:
    task_events.tell(self.request, jobs().deliver(event))


@app.task(name=SWEEP, send_events=False)
def sweep() -> None:
    jobs().sweep()


@app.task(name=TIDY, send_events=False)
def tidy() -> None:
    jobs().tidy()


@app.task(name=WATCH, send_events=False)
def watch() -> None:
    jobs().watch()


@app.task(name=SEARCH, send_events=False)
def search() -> None:
    jobs().search()


@app.task(name=PROBE, send_events=False)
def probe(connection: str) -> None:
    jobs().probe(connection)


@app.task(name=BACKFILL, send_events=False)
def backfill(connection: str) -> None:
    jobs().backfill(connection)


@app.task(name=RECHECK, send_events=False)
def recheck(connection: str) -> None:
    jobs().recheck(connection)


@app.task(name=CATCH_UP, send_events=False)
def catch_up(connection: str) -> None:
    jobs().catch_up(connection)


@app.task(name=RENEW, send_events=False)
def renew(connection: str) -> None:
    jobs().renew(connection)
