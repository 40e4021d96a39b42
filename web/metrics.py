"""Counts webhooks and wake-ups, and shows what waits in the database, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from threading import Lock

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from worker.settings import Settings
from worker.store import Store, StoreUnavailable
from worker.store.events import events
from worker.store.lanes import connections
from worker.store.lanes.connections import State
from worker.store.ledger import marker_fields

REMEMBERED = 10.0


class Backlog(Collector):
    """Counting a million events takes a moment, so what was counted is remembered for some seconds."""

    def __init__(self, store: Store, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._settings = settings
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
                counts = events.counts(conn)
                oldest = events.oldest_pending(conn)
                states = connections.every(conn)
                lacking = self._lacking(conn, states)
        except StoreUnavailable:
            up.add_metric([], 0)
            return (up,)
        up.add_metric([], 1)
        return (up, _events(counts), _oldest(oldest), _paused(states), _without_marker(lacking))

    def _lacking(self, conn: Connection, states: Iterable[State]) -> Mapping[str, int]:
        """How many kinds of records go without a marker, by connection."""
        configured, alias = self._settings.connections, self._settings.upsales.external_id
        return {
            state.name: len(marker_fields.lacking(conn, state.account, alias, configured[state.name].makes))
            for state in states
            if state.name in configured
        }


def _events(counts: Mapping[tuple[str, str], int]) -> Metric:
    metric = GaugeMetricFamily(
        "relay_events", "Events in the database by connection and status.", labels=["connection", "status"]
    )
    for (connection, status), count in counts.items():
        metric.add_metric([connection, status], count)
    return metric


def _oldest(ages: Mapping[str, float]) -> Metric:
    metric = GaugeMetricFamily(
        "relay_oldest_pending_seconds",
        "Age of the oldest event that waits for delivery. Replays do not count.",
        labels=["connection"],
    )
    for connection, seconds in ages.items():
        metric.add_metric([connection], seconds)
    return metric


def _paused(states: Iterable[State]) -> Metric:
    metric = GaugeMetricFamily(
        "relay_connection_paused", "1 while the deliveries of a connection are paused, else 0.", labels=["connection"]
    )
    for each in states:
        metric.add_metric([each.name], each.state != "active")
    return metric


def _without_marker(lacking: Mapping[str, int]) -> Metric:
    metric = GaugeMetricFamily(
        "relay_marker_missing",
        "Kinds of records that a connection makes without a marker: Upsales has no custom field for it.",
        labels=["connection"],
    )
    for connection, count in lacking.items():
        metric.add_metric([connection], count)
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
