"""Builds the Celery app: settings, queues, schedule, and a worker that exits when stuck."""

from __future__ import annotations

import atexit
import os
import sys
from functools import partial
from threading import Thread
from typing import Any, NoReturn

from celery import Celery
from celery.signals import (
    beat_init,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_ready,
    worker_shutting_down,
)
from kombu import Queue

from worker import logs
from worker.errors import RelayError
from worker.instruments import tokens
from worker.instruments.heartbeat import Heartbeat, Who
from worker.instruments.tally import Tally
from worker.keys import Keys
from worker.keys.cipher import cipher_of
from worker.queue import transport
from worker.queue.shutdown import Stop
from worker.queue.singletons import SEARCH, SWEEP, TIDY, WATCH
from worker.queue.wakeups import DEFAULT, PRIORITY
from worker.queue.watchdog import Watchdog, waiting_in
from worker.settings import Settings, load, report
from worker.store import open_store

VISIBILITY = 300
"""Seconds after which Redis gives an unfinished message to another worker. Harmless to us either way: lanes have leases."""

TIDY_EVERY = 60.0
WATCH_EVERY = 30.0
SEARCH_EVERY = 2.0

TRANSPORT = {
    "visibility_timeout": VISIBILITY,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
    "retry_on_timeout": True,
    "health_check_interval": 25,
}


def build(settings: Settings) -> Celery:
    """Messages are wake-ups only: no results, no arguments but ids, no countdowns."""
    app = Celery("upsales-relay", broker=settings.redis_url or "redis://127.0.0.1:6379/0", include=["worker.tasks"])
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_store_errors_even_if_ignored=False,
        task_default_queue=DEFAULT,
        task_queues=[Queue(PRIORITY), Queue(DEFAULT)],
        task_create_missing_queues=False,
        task_send_sent_event=False,
        worker_prefetch_multiplier=1,
        worker_eta_task_limit=1000,
        worker_send_task_events=True,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_transport=transport.TRANSPORT,
        broker_transport_options=TRANSPORT,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,
        visibility_timeout=VISIBILITY,
        beat_scheduler="worker.queue.beat:Scheduler",
        beat_schedule={
            "sweep": {
                "task": SWEEP,
                "schedule": settings.delivery.sweep_every,
                "options": {"queue": PRIORITY},
            },
            "tidy": {
                "task": TIDY,
                "schedule": TIDY_EVERY,
                "options": {"queue": PRIORITY},
            },
            "watch": {
                "task": WATCH,
                "schedule": WATCH_EVERY,
                "options": {"queue": PRIORITY},
            },
            "search": {
                "task": SEARCH,
                "schedule": SEARCH_EVERY,
                "options": {"queue": PRIORITY},
            },
        },
    )
    return app


def _refuse(problem: object) -> NoReturn:
    sys.stderr.write(f"relay: {problem}\n")
    sys.exit(2)


def _loaded() -> Settings:
    try:
        return load(os.environ)
    except RelayError as error:
        _refuse(error)


settings = _loaded()
app = build(settings)
stop = Stop()


@celeryd_init.connect  # type: ignore[untyped-decorator, unused-ignore]
def _check(**_: Any) -> None:
    """Without Redis a worker would wait for ever for messages from nowhere; with a master key that is none each task would fail."""
    try:
        cipher_of(os.environ)
    except RelayError as error:
        _refuse(error)
    if settings.redis_url is None:
        _refuse("REDIS_URL is not set: workers need Redis for wake-ups and call windows")


def _report_tokens() -> None:
    """In a thread: the database may be away."""
    store = open_store(settings.database_url)
    tokens.report(settings, Keys(os.environ, store))
    store.close()


@worker_ready.connect  # type: ignore[untyped-decorator, unused-ignore]
def _watch(sender: Any, **_: Any) -> None:
    report(settings)
    Thread(target=_report_tokens, name="tokens", daemon=True).start()
    watchdog = Watchdog(partial(waiting_in, app), sender.controller.concurrency)
    task_prerun.connect(lambda **_: watchdog.started(), weak=False)
    task_postrun.connect(lambda **_: watchdog.ended(), weak=False)
    Thread(target=watchdog.run, name="watchdog", daemon=True).start()
    Thread(target=stop.run, name="stop", daemon=True).start()


@beat_init.connect  # type: ignore[untyped-decorator, unused-ignore]
def _live(**_: Any) -> None:
    heart = Heartbeat(open_store(settings.database_url, pool_size=1), Who(kind="beat"), Tally())
    atexit.register(heart.end)
    heart.start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator, unused-ignore]
def _end(**_: Any) -> None:
    stop.tell()


@setup_logging.connect  # type: ignore[untyped-decorator, unused-ignore]
def _set_up_logging(**_: Any) -> None:
    logs.configure()
    logs.tell_crashes()


if "flower" in sys.argv:
    # Of Celery's commands the only one that does not ask how to log. Its own set-up is switched off by `--logging=none`.
    _set_up_logging()
