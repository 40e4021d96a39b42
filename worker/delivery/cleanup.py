"""Deletes what is old, gives the disk back, and makes stranded lanes due again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import structlog

from worker.settings import Delivery
from worker.store import Store
from worker.store.alerts import alerts
from worker.store.batches import backfills
from worker.store.batches import rows as batches
from worker.store.db import retention, space
from worker.store.events import kept
from worker.store.instruments import rollup
from worker.store.lanes import backlog
from worker.store.people import answers, audit, reveals, sessions
from worker.store.privacy import drafts
from worker.store.privacy.expiry import Ages, expire
from worker.store.readings import contents
from worker.store.sources import reconciliations

BATCHES = 20
"""At a time: the database has other work to do."""

log = structlog.get_logger()


def tidy(store: Store, settings: Delivery, repeats_for: Mapping[str, timedelta] = MappingProxyType({})) -> None:
    """`repeats_for`: how long each connection's sender may send an event again."""
    keep_events, keep_calls = settings.keep_delivered, settings.keep_calls
    for _ in range(BATCHES):
        if not retention.purge(store, keep_events=keep_events, keep_calls=keep_calls, repeats_for=repeats_for):
            break
    _expire(store, settings)
    with store.write() as conn:
        alerts.purge(conn, settings.keep_calls)
        sessions.purge(conn)
        reveals.purge(conn)
        answers.purge(conn)
        drafts.purge(conn)
        batches.purge(conn, settings.keep_delivered)
        backfills.purge(conn)
        reconciliations.purge(conn, settings.keep_calls)
    for _ in range(BATCHES):
        with store.write() as conn:
            if not contents.purge(conn):
                break
    for _ in range(BATCHES):
        with store.write() as conn:
            if not audit.purge(conn, settings.keep_audit):
                break
    rollup.roll_up(store)
    rollup.forget_old(store)
    space.give_back(store, BATCHES)
    space.truncate_log(store, patience=0)
    kept.apply_all(store)
    stranded = backlog.rescue(store)
    if stranded:
        log.error("lanes had events and no due time: they are delivered now", lanes=stranded)
    for connection, number in rollup.mend_waiting(store).items():
        log.warning("the counted waiting events were wrong: mended", connection=connection, by=number)


def _expire(store: Store, settings: Delivery) -> None:
    ages = Ages(
        payloads=settings.keep_payloads,
        dead=settings.keep_dead,
        review=settings.keep_review,
        calls=settings.keep_calls,
        records=settings.keep_records,
    )
    for _ in range(BATCHES):
        gone = expire(store, ages)
        for connection, number in gone.dead.items():
            log.warning("dead letters were deleted: nobody replayed them in time", connection=connection, number=number)
        if gone.review:
            log.warning("events in review are dead letters now: nobody decided in time", number=gone.review)
        if not gone:
            break
