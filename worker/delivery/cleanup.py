"""Deletes what is old and settled, adds counters up, and makes stranded lanes due again."""

from __future__ import annotations

import structlog

from worker.settings import Delivery
from worker.store import Store
from worker.store.db import retention
from worker.store.events import kept
from worker.store.instruments import rollup
from worker.store.lanes import backlog

BATCHES = 20
"""At a time: the database has other work to do."""

log = structlog.get_logger()


def tidy(store: Store, settings: Delivery) -> None:
    for _ in range(BATCHES):
        if not retention.purge(store, keep_events=settings.keep_delivered, keep_calls=settings.keep_calls):
            break
    rollup.roll_up(store)
    rollup.forget_old(store)
    kept.apply_all(store)
    stranded = backlog.rescue(store)
    if stranded:
        log.error("lanes had events and no due time: they are delivered now", lanes=stranded)
    for connection, number in rollup.mend_waiting(store).items():
        log.warning("the counted waiting events were wrong: mended", connection=connection, by=number)
