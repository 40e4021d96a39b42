"""Makes Prometheus's families of what was counted; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.metrics_core import SummaryMetricFamily

from worker.errors import (
    Busy,
    Failure,
    Gone,
    OnItsWay,
    OutcomeUnknown,
    Refused,
    SourceForbidden,
    SourceThrottled,
    SourceUnavailable,
    Stopping,
    Throttled,
    TooEarly,
    Unauthorized,
    Unavailable,
)
from worker.instruments.outcomes import ACCEPTED, OF_NOBODY, REFUSED
from worker.settings import Connection
from worker.store.instruments import counters
from worker.store.instruments.counters import Counts
from worker.store.instruments.totals import waiting
from worker.upsales.accounts import WrongAccount

FAILURES: Final[Sequence[type[Failure]]] = (
    Throttled,
    Busy,
    OnItsWay,
    Stopping,
    Unavailable,
    Unauthorized,
    WrongAccount,
    OutcomeUnknown,
)
"""Those for which a lane is put off."""
SOURCE_FAILURES: Final[Sequence[type[Failure]]] = (TooEarly, SourceThrottled, SourceUnavailable, SourceForbidden)
"""The same, of connections that read their senders."""
CALL_FAILURES: Final[Sequence[type[Failure]]] = (Refused, Gone, Unavailable, Throttled, Unauthorized, OutcomeUnknown)
CALL_ENDS: Final = ("done", *(each.code for each in CALL_FAILURES))
CAUGHT_UP: Final = ("brought", "duplicate", "dead")
METHODS: Final = {"create": "POST", "update": "PUT", "unsubscribe": "UNSUB"}


def families(counts: Counts, configured: Mapping[str, Connection]) -> Iterator[Metric]:
    """Each series of a configured connection is there from the start, with 0."""
    counts = {**_zeros(configured), **counts}
    names = sorted({*configured, *(connection for connection, _ in counts if connection)})
    yield _labelled(
        "relay_webhooks", "Requests to the receiver by how they were answered.", "outcome", counters.ANSWERED, counts
    )
    yield _plain("relay_events_received", "Events that were stored, each once.", counters.RECEIVED, counts, names)
    yield _plain("relay_events_duplicate", "Events that were sent again.", counters.DUPLICATE, counts, names)
    yield _plain(
        "relay_events_again",
        "Events that wait once more: replays, and those tried again.",
        counters.AGAIN,
        counts,
        names,
    )
    yield _fates(counts, names)
    yield _latency(counts, names)
    yield _labelled(
        "relay_catch_up_events",
        "Changes that were read at senders: brought, known already, or not as declared.",
        "outcome",
        counters.CATCH_UP,
        counts,
    )
    yield _labelled("relay_retries", "Lanes that were put off, by class of failure.", "reason", counters.RETRY, counts)
    yield _calls(counts)
    yield _source_calls(counts)
    yield _waiting(counts, names)


def _zeros(configured: Mapping[str, Connection]) -> Counts:
    whats = [counters.ANSWERED + outcome for outcome in (*ACCEPTED, *REFUSED)] + [
        counters.RETRY + each.code for each in FAILURES
    ]
    zeros = {(name, what): 0 for name in configured for what in whats}
    zeros |= {
        (name, counters.CATCH_UP + outcome): 0
        for name, connection in configured.items()
        if connection.catch_up is not None
        for outcome in CAUGHT_UP
    }
    zeros |= {
        (name, counters.RETRY + each.code): 0
        for name, connection in configured.items()
        if connection.connector.source is not None
        for each in SOURCE_FAILURES
    }
    zeros |= {("", counters.ANSWERED + outcome): 0 for outcome in OF_NOBODY}
    return zeros | {
        (name, f"{counters.CALL}{METHODS[verb]}:{resource}:{end}"): 0
        for name, connection in configured.items()
        for resource, verbs in connection.writes.items()
        for verb in verbs
        for end in CALL_ENDS
    }


def _plain(name: str, told: str, what: str, counts: Counts, names: Sequence[str]) -> Metric:
    metric = CounterMetricFamily(name, told, labels=["connection"])
    for connection in names:
        metric.add_metric([connection], counts.get((connection, what), 0))
    return metric


def _labelled(name: str, told: str, label: str, begins: str, counts: Counts) -> Metric:
    metric = CounterMetricFamily(name, told, labels=["connection", label])
    for (connection, what), n in sorted(counts.items()):
        if what.startswith(begins):
            metric.add_metric([connection, what.removeprefix(begins)], n)
    return metric


def _fates(counts: Counts, names: Sequence[str]) -> Metric:
    metric = CounterMetricFamily("relay_events_ended", "Events by their fate.", labels=["connection", "fate"])
    for connection in names:
        for fate in counters.FATES:
            metric.add_metric([connection, fate], counts.get((connection, fate), 0))
    return metric


def _latency(counts: Counts, names: Sequence[str]) -> Metric:
    metric = HistogramMetricFamily(
        "relay_delivery_seconds",
        "Seconds from receiving an event to its delivery. Replays do not count.",
        labels=["connection"],
    )
    for connection in names:
        buckets, so_far = [], 0
        for bound in (*(f"{bound:g}" for bound in counters.BUCKETS), "inf"):
            so_far += counts.get((connection, counters.TOOK + bound), 0)
            buckets.append(("+Inf" if bound == "inf" else bound, float(so_far)))
        metric.add_metric([connection], buckets, counts.get((connection, counters.TOOK_MS), 0) / 1000)
    return metric


def _calls(counts: Counts) -> Metric:
    metric = SummaryMetricFamily(
        "relay_call_seconds",
        "Calls to Upsales and what they took, by how they ended.",
        labels=["connection", "method", "resource", "outcome"],
    )
    for (connection, what), n in sorted(counts.items()):
        if what.startswith(counters.CALL):
            named = what.removeprefix(counters.CALL)
            seconds = counts.get((connection, counters.CALL_MS + named), 0) / 1000
            metric.add_metric([connection, *named.split(":")], count_value=n, sum_value=seconds)
    return metric


def _source_calls(counts: Counts) -> Metric:
    metric = SummaryMetricFamily(
        "relay_source_call_seconds",
        "Readings of senders' APIs and what they took, by how they ended.",
        labels=["connection", "way", "kind", "outcome"],
    )
    for (connection, what), n in sorted(counts.items()):
        if what.startswith(counters.SOURCE_CALL):
            named = what.removeprefix(counters.SOURCE_CALL)
            way, _, rest = named.partition(":")
            kind, _, outcome = rest.rpartition(":")
            seconds = counts.get((connection, counters.SOURCE_CALL_MS + named), 0) / 1000
            metric.add_metric([connection, way, kind, outcome], count_value=n, sum_value=seconds)
    return metric


def _waiting(counts: Counts, names: Sequence[str]) -> Metric:
    metric = GaugeMetricFamily("relay_events_waiting", "Events that wait for delivery.", labels=["connection"])
    numbers: Mapping[str, int] = defaultdict(int, waiting(counts))
    for connection in names:
        metric.add_metric([connection], max(numbers[connection], 0))
    return metric
