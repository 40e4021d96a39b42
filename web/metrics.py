"""Counts webhooks and wake-ups, and shows what waits in the database, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from web.ports import Clock
from worker.store import Store, StoreUnavailable
from worker.store.db.tables import connections, events

REMEMBERED = 10.0


class Backlog(Collector):
    """Counting a million events takes a moment, so what was counted is remembered for some seconds."""

    def __init__(self, store: Store, now: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._now = now
        self._monotonic = monotonic
        self._lock = Lock()
        self._until = float("-inf")
        self._metrics: Sequence[Metric] = ()

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if self._monotonic() >= self._until:
                self._metrics = self._counted()
                self._until = self._monotonic() + REMEMBERED
            return self._metrics

    def _counted(self) -> Sequence[Metric]:
        up = GaugeMetricFamily("relay_database_up", "1 while the database answers, else 0.")
        try:
            with self._store.read() as conn:
                counts = conn.execute(
                    select(events.c.connection, events.c.status, func.count()).group_by(
                        events.c.connection, events.c.status
                    )
                ).all()
                oldest = conn.execute(
                    select(events.c.connection, func.min(events.c.received_at))
                    .where(events.c.status == "pending", events.c.replay == "")
                    .group_by(events.c.connection)
                ).all()
                states = conn.execute(select(connections.c.name, connections.c.state)).all()
        except StoreUnavailable:
            up.add_metric([], 0)
            return (up,)
        up.add_metric([], 1)
        return (up, _events(counts), _oldest(oldest, self._now()), _paused(states))


def _events(rows: Iterable[Any]) -> Metric:
    metric = GaugeMetricFamily(
        "relay_events", "Events in the database by connection and status.", labels=["connection", "status"]
    )
    for connection, status, count in rows:
        metric.add_metric([connection, status], count)
    return metric


def _oldest(rows: Iterable[Any], now: datetime) -> Metric:
    metric = GaugeMetricFamily(
        "relay_oldest_pending_seconds",
        "Age of the oldest event that waits for delivery. Replays do not count.",
        labels=["connection"],
    )
    for connection, received_at in rows:
        metric.add_metric([connection], (now - received_at).total_seconds())
    return metric


def _paused(rows: Iterable[Any]) -> Metric:
    metric = GaugeMetricFamily(
        "relay_connection_paused", "1 while the deliveries of a connection are paused, else 0.", labels=["connection"]
    )
    for name, state in rows:
        metric.add_metric([name], state != "active")
    return metric


_webhooks = Counter("relay_webhooks", "Webhooks by connection and outcome.", ["connection", "outcome"])
_seconds = Histogram(
    "relay_webhook_seconds",
    "Seconds until a webhook is answered.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
_wakeups = Counter(
    "relay_wakeups", "Wake-ups for workers by outcome. The sweep sends those that were not sent.", ["outcome"]
)

COLLECTORS = (_webhooks, _seconds, _wakeups)


_labelled = cache(_webhooks.labels)  # looking a label up costs more than counting


def webhook(connection: str, outcome: str, seconds: float) -> None:
    _labelled(connection, outcome).inc()
    _seconds.observe(seconds)


def wakeups(outcome: str, count: int) -> None:
    _wakeups.labels(outcome).inc(count)
